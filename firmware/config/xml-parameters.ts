/** Owns the parameters of XML applications: their rows in the table, and how they become settings (original-phone 1.10). */
import type { Parameter } from './parameter.ts';
import { FLAG, integer, rows, SECONDS, text } from './parameter.ts';
import type { XmlSettings } from './settings.ts';

export const XML_PARAMETERS: readonly Parameter[] = rows(
  'original-phone 1.10',
  { scope: 'global', set: null, active: true },
  [
    ['xml application uri', text(256), '', '', 'XML application of the Services key'],
    ['xml application title', text(64), '', '', 'What the Services key calls it'],
    [
      'xml application post list',
      text(512),
      '',
      '',
      'Names and addresses that may push to the phone, separated by commas; empty = nobody',
    ],
    ['xml get timeout', SECONDS, '30', 's', 'Wait for the answer of an XML application; 0 = 120'],
    ['xml status scroll delay', integer(1, 120), '5', 's', 'Status lines take turns so often'],
    ['xml beep notification', FLAG, '1', '', '0 = objects with Beep are not heard'],
    ['sip xml notify event', FLAG, '0', '', '1 = a NOTIFY of a configured server asks for `action uri xml sip notify`'],
    ['action uri xml sip notify', text(128), '', '', 'Address that such a NOTIFY asks for'],
    ['action uri poll', text(128), '', '', 'Address that is asked again and again'],
    ['action uri poll interval', SECONDS, '0', 's', 'Time between two polls; 0 = none'],
  ],
);

/** The longest wait for an answer, s: our choice. */
const GET_TIMEOUT_MAX_S = 120;
const POST_HOSTS_MAX = 32;

export function xmlSettings(value: (name: string) => string): XmlSettings {
  const number = (name: string): number => Number(value(name));
  const pollUri = value('action uri poll');
  const pollS = number('action uri poll interval');
  const timeoutS = number('xml get timeout');
  return {
    uri: value('xml application uri'),
    title: value('xml application title'),
    postList: postHosts(value('xml application post list')),
    getTimeoutMs: Math.min(timeoutS === 0 ? GET_TIMEOUT_MAX_S : timeoutS, GET_TIMEOUT_MAX_S) * 1000,
    statusScrollMs: number('xml status scroll delay') * 1000,
    beep: value('xml beep notification') === '1' ? 'on' : 'off',
    notifyUri: value('sip xml notify event') === '1' ? value('action uri xml sip notify') : null,
    poll: pollUri === '' || pollS === 0 ? null : { uri: pollUri, everyMs: pollS * 1000 },
  };
}

/** The names and addresses of `xml application post list`, lower case. */
export const postHosts = (list: string): readonly string[] =>
  list
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '')
    .slice(0, POST_HOSTS_MAX);
