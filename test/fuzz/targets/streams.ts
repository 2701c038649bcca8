/** Owns what holds for any stream of octets (RFC 3261 18.3; conformance C5): wherever it is cut, the same messages come out, and it ends the same. */
import assert from 'node:assert/strict';
import { MESSAGE_MAX_OCTETS } from '../../../firmware/config/defaults.ts';
import { frameAt } from '../../../firmware/sip/message/frame.ts';
import { parseMessage } from '../../../firmware/sip/message/parse.ts';
import type { Chance } from '../chance.ts';
import { mutate } from '../mutate.ts';
import { sipMessage, TORTURE } from '../sip-grammar.ts';

export function checkStream(chance: Chance): string {
  const stream = anyStream(chance);
  const whole = readStream([stream]);
  for (let round = 0; round < 2; round += 1) assert.deepEqual(readStream(cut(stream, chance)), whole);
  for (const text of whole.messages) {
    assert.ok(text.length <= MESSAGE_MAX_OCTETS, `a message of ${text.length} octets`);
    const again = frameAt(text, 0);
    assert.ok(again.kind === 'message' && again.text === text, 'a message alone is another one');
    parseMessage(text);
  }
  return whole.messages.length === 0 ? `nothing, ${whole.end}` : `messages, ${whole.end}`;
}

function anyStream(chance: Chance): string {
  const between = (): string => chance.pick(['', '', '\r\n', '\r\n\r\n', '\n', '\r', ' ', 'x']);
  const parts = chance.some(5, () => `${chance.odds(0.9) ? sipMessage(chance) : chance.pick(TORTURE)}${between()}`);
  const stream = `${chance.odds(0.2) ? between() : ''}${parts.join('')}`;
  return chance.odds(0.5) ? mutate(stream, TORTURE, chance, 3 * MESSAGE_MAX_OCTETS) : stream;
}

interface Read {
  readonly messages: readonly string[];
  readonly end: 'end' | 'incomplete' | 'broken';
}

/** As a connection reads: what is whole is taken, the rest waits, and nothing is read behind what is broken. */
function readStream(pieces: readonly string[]): Read {
  const messages: string[] = [];
  let waiting = '';
  let end: Read['end'] = 'end';
  for (const piece of pieces) {
    waiting += piece;
    let frame = frameAt(waiting, 0);
    for (; frame.kind === 'message'; frame = frameAt(waiting, 0)) {
      messages.push(frame.text);
      waiting = waiting.slice(frame.end);
    }
    end = frame.kind;
    if (end === 'broken') break;
  }
  return { messages, end };
}

/** At most sixty pieces; some of them one octet long. */
function cut(stream: string, chance: Chance): readonly string[] {
  const pieces: string[] = [];
  let at = 0;
  while (at < stream.length && pieces.length < 60) {
    const to = at + (chance.odds(0.3) ? 1 : 1 + chance.below(Math.max(1, Math.floor(stream.length / 8))));
    pieces.push(stream.slice(at, to));
    at = to;
  }
  return [...pieces, stream.slice(at)];
}
