/** Owns how a step is called where a person reads it. */
import type { Act, EventPattern, Expectation } from './steps.ts';

export function titleOf(what: Act | Expectation): string {
  switch (what.kind) {
    case 'say':
      return what.text;
    case 'lab':
      return 'the lab is set up';
    case 'start':
      return startText(what.parameters);
    case 'stop':
      return what.how === 'clean' ? 'the phone is switched off' : 'the phone loses its power';
    case 'fault':
      return [what.target, what.fault, what.arg].filter((word) => word !== null).join(' ');
    case 'clear':
      return `${what.target} is whole again`;
    case 'present':
      return `${what.resource} is ${what.presence}`;
    case 'call':
      return `${what.user} is called through the ${what.through}${what.header === null ? '' : `, with ${what.header}`}`;
    case 'command':
      return `command: ${what.command}`;
    case 'ask':
      return `by hand: ${what.text}`;
    case 'wait':
      return `${what.seconds} s pass`;
    case 'control':
      return `the phone is told: ${what.line}`;
    case 'press':
      return what.ms === null ? `press ${what.key}` : `press ${what.key} for ${what.ms} ms`;
    case 'contact':
      return `${what.key} ${what.action}`;
    case 'tone':
      return `${what.hz} Hz into the microphone for ${what.ms} ms`;
    case 'push':
      return `a server pushes ${/<(\w+)/.exec(what.document)?.[1] ?? 'what is no object'}`;
    case 'dial':
      return `dial ${what.digits}`;
    case 'hook':
      return `handset ${what.state === 'on' ? 'down' : 'up'}`;
    case 'expectRegistered':
      return `line ${what.line} is registered on the ${what.on}`;
    case 'expectEvent':
    case 'expectNoEvent':
      return `${what.kind === 'expectEvent' ? '' : 'no '}event ${patternText(what.event)}`;
    case 'expectOrder':
      return `in this order: ${what.events.map(patternText).join('; ')}`;
    case 'expectCall':
      return what.call['state'] === 'none' ? 'no call is left' : `the call is ${callText(what.call)}`;
    case 'expectScreen':
      return `the screen shows ${what.text}`;
    case 'expectNoScreen':
      return `the screen shows no ${what.text}`;
    case 'expectLamp':
      return `lamps: ${wordsText(what.lamps)}`;
    case 'expectSound':
      return wordsText(what.lines);
    case 'expectTone':
      return `${what.hz} Hz in the earpiece, above ${what.aboveDbfs} dBFS`;
    case 'expectNoTone':
      return `no ${what.hz} Hz in the earpiece, below ${what.belowDbfs} dBFS`;
  }
}

const patternText = ({ event, ...fields }: EventPattern): string =>
  [event, ...Object.entries(fields).map(([name, value]) => `${name} ${value}`)].join(', ');

const callText = ({ state, ...fields }: EventPattern): string =>
  [state, ...Object.entries(fields).map(([name, value]) => `${name} ${value}`)].join(', ');

const wordsText = (words: Readonly<Record<string, string>>): string =>
  Object.entries(words)
    .map(([name, word]) => `${name} ${word}`)
    .join(', ');

function startText(parameters: Readonly<Record<string, string>>): string {
  const set = Object.entries(parameters).map(([name, value]) => `${name}: ${value}`);
  return set.length === 0 ? 'the phone starts' : `the phone starts with ${set.join(', ')}`;
}
