/** Owns logging in and out by a form, and changing the administrator's password. */
import { PASSWORD_MAX, PASSWORD_MIN } from '../../config/defaults.ts';
import type { Markup, Viewer } from './markup.ts';
import { csrfField, markup, message, NOBODY, page } from './markup.ts';

/** `next`: the page that was asked for. */
export const loginPage = (next: string, problem: string): string =>
  page(
    'Log in',
    '/login',
    NOBODY,
    markup`${message('bad', problem === '' ? [] : [problem])}
<form method="post" action="/login">
<input type="hidden" name="next" value="${next}">
<fieldset><legend>Web Pages of the Phone</legend>
<div class="field"><label for="user">Name</label><input id="user" name="user" value="admin" autocomplete="username" required aria-describedby="user-note">
<p id="user-note" class="note"><code>admin</code> changes settings; <code>user</code> looks only, where <code>user password</code> is set.</p></div>
<div class="field"><label for="pass">Password</label><input id="pass" name="password" type="password" autocomplete="current-password" required autofocus></div>
<p class="note">The first password stood on the phone's screen when it started for the first time.</p>
</fieldset>
<p class="buttons"><button class="main">Log in</button></p>
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
<fieldset><legend>Password of the Administrator</legend>
<div class="field"><label for="old">Current password</label><input id="old" name="old" type="password" autocomplete="current-password" required></div>
<div class="field"><label for="new">New password</label><input id="new" name="new" type="password" autocomplete="new-password" required aria-describedby="new-note">
<p id="new-note" class="note">${PASSWORD_MIN} to ${PASSWORD_MAX} characters, and none that manuals name.</p></div>
<div class="field"><label for="again">New password, again</label><input id="again" name="again" type="password" autocomplete="new-password" required></div>
</fieldset>
<p class="buttons"><button class="main">Change Password</button></p>
<p class="note">Everybody who is logged in must log in again, you as well.</p>
</form>`,
  );
