/** Owns the control verbs of calls and subscriptions: how each is written, and the command that it stands for (interfaces 2). */
import type { Command } from '../vocabulary.ts';

/** How each is written: told to who wrote it otherwise. */
export const CALL_VERBS: Readonly<Record<string, string>> = {
  dial: 'dial TARGET [line=N]',
  answer: 'answer [call=ID]',
  hangup: 'hangup [call=ID]',
  hold: 'hold [call=ID]',
  resume: 'resume [call=ID]',
  mute: 'mute [call=ID]',
  dtmf: 'dtmf DIGITS [call=ID]: 0-9 * # A-D, at most 32',
  transfer: 'transfer TARGET, or transfer call=ID: to the call in focus',
  conference: 'conference call=ID',
  subscribe: 'subscribe blf|list|bla|mwi TARGET [line=N]',
  unsubscribe: 'unsubscribe blf|list|bla|mwi TARGET [line=N]',
  dnd: 'dnd on|off',
  forward: 'forward all|busy|noanswer TARGET|off',
};

type Read = (args: string) => Command | null;

const read =
  (pattern: RegExp, made: (parts: readonly (string | null)[]) => Command): Read =>
  (args) => {
    const match = pattern.exec(args);
    return match === null ? null : made(match.slice(1).map((part) => part ?? null));
  };

const ofCall = (verb: 'answer' | 'hangup' | 'hold' | 'resume' | 'mute'): Read =>
  read(/^(?:call=(\S+))?$/, ([call = null]) => ({ verb, call }));

const watch = (verb: 'subscribe' | 'unsubscribe'): Read =>
  read(/^(blf|list|bla|mwi)\s+(\S+)(?:\s+line=([1-9]))?$/, ([kind, target, line = null]) => ({
    ...{ verb, kind: kind as 'blf' | 'list' | 'bla' | 'mwi', target: target ?? '' },
    line: line === null ? null : Number(line),
  }));

const READERS: ReadonlyMap<string, Read> = new Map<string, Read>([
  [
    'dial',
    read(/^(\S+)(?:\s+line=([1-9]))?$/, ([target, line = null]) => ({
      ...{ verb: 'dial', target: target ?? '' },
      line: line === null ? null : Number(line),
    })),
  ],
  ['answer', ofCall('answer')],
  ['hangup', ofCall('hangup')],
  ['hold', ofCall('hold')],
  ['resume', ofCall('resume')],
  ['mute', ofCall('mute')],
  [
    'dtmf',
    read(/^([0-9*#A-D]{1,32})(?:\s+call=(\S+))?$/, ([keys, call = null]) => ({ verb: 'dtmf', keys: keys ?? '', call })),
  ],
  [
    'transfer',
    read(/^(?:call=(\S+)|([^\s=]\S*))$/, ([call = null, target = null]) => ({ verb: 'transfer', call, target })),
  ],
  ['conference', read(/^call=(\S+)$/, ([call]) => ({ verb: 'conference', call: call ?? '' }))],
  ['subscribe', watch('subscribe')],
  ['unsubscribe', watch('unsubscribe')],
  ['dnd', read(/^(on|off)$/, ([state]) => ({ verb: 'dnd', state: state as 'on' | 'off' }))],
  ['forward', forwardCommand],
]);

/** Null = another verb, or one that is not written so. */
export const callCommand = (verb: string, args: string): Command | null => READERS.get(verb)?.(args) ?? null;

function forwardCommand(args: string): Command | null {
  const match = /^(all|busy|noanswer)\s+(\S+)$/.exec(args);
  if (match === null) return null;
  const [, when, to = ''] = match;
  return { verb: 'forward', when: when as 'all' | 'busy' | 'noanswer', to: to === 'off' ? null : to };
}
