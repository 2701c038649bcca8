/** Owns logging in and out by a form, and changing the administrator's password. */
import type { Markup, Viewer } from './markup.ts';
import { csrfField, markup, message, page } from './markup.ts';

const NOBODY: Viewer = { role: null, csrf: '' };

/** `next`: the page that was asked for. */
export const loginPage = (next: string, problem: string): string =>
  page(
    'Log in',
    '/login',
    NOBODY,
    markup`${message('bad', problem === '' ? [] : [problem])}
<form method="post" action="/login">
<input type="hidden" name="next" value="${next}">
<div class="field"><label for="user">Name</label><input id="user" name="user" value="admin" autocomplete="username" required></div>
<div class="field"><label for="pass">Password</label><input id="pass" name="password" type="password" autocomplete="current-password" required autofocus></div>
<p class="buttons"><button class="main">Log in</button></p>
<p class="note">The phone showed the first password when it started for the first time.</p>
</form>`,
  );

/** Only a page of this phone: anything else could lead elsewhere. */
export const nextOf = (path: string): string =>
  /^\/[\w.-]+$/.test(path) && path !== '/login' ? path : '/sysinfo.html';

export const passwordPage = (viewer: Viewer, told: Markup): string =>
  page(
    'Password',
    '/password.html',
    viewer,
    markup`${told}
<form method="post" action="/password.html">${csrfField(viewer.csrf)}
<div class="field"><label for="old">Password now</label><input id="old" name="old" type="password" autocomplete="current-password" required></div>
<div class="field"><label for="new">New password</label><input id="new" name="new" type="password" autocomplete="new-password" required></div>
<p class="buttons"><button class="main">Save</button></p>
</form>`,
  );
