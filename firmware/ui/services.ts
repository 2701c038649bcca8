/** Owns the Services menu: the phone's own lists, and the XML application that the configuration names (original-phone 1.10). */

import type { MenuItem, MenuScreen } from '../xml-api/objects.ts';
import { SCREEN_TIMEOUT_MS } from '../xml-api/objects.ts';
import { readUri } from '../xml-api/uri.ts';
import type { Turn } from './state.ts';
import { show } from './xml-browser.ts';

const item = (prompt: string, uri: MenuItem['uri']): MenuItem => ({ prompt, uri, dial: null, selection: '' });

const OWN: readonly MenuItem[] = [
  item('Directory', { kind: 'list', list: 'directory' }),
  item('Callers list', { kind: 'list', list: 'callers' }),
];

export function services(turn: Turn): Turn {
  const { uri, title } = turn.view.xml;
  const application = uri === '' ? [] : [item(title === '' ? 'Custom feature' : title, readUri(uri))];
  const screen: MenuScreen = {
    ...{ kind: 'menu', of: 'menu', style: 'numbered', title: 'Services', first: 0, numberLaunch: true },
    ...{ destroyOnExit: false, lockIn: false, goodbye: null, beep: false, timeoutMs: SCREEN_TIMEOUT_MS },
    ...{ cancel: null, done: null, softkeys: [], previous: null, next: null },
    items: [...OWN, ...application],
  };
  return show(turn, { screen, refresh: null });
}
