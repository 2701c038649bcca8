/** Owns small wounds to a text: what a broken sender, a bad line or an attacker makes of something that was right. */
import type { Chance } from './chance.ts';

/** Octets that end, open or hide something in the grammars that the phone reads. */
const SHARP = [
  ...['\r\n', '\n', '\r', '\0', ' ', '\t', '\r\n ', '\r\n\r\n', '"', '\\', '<', '>', ',', ';', ':', '=', '@', '?', '%'],
  ...['%00', '%0d%0a', '[', ']', '*', '#', '!', '^', '/', '.', '..', '\x7f', '\xff', '\xc0\x80', '\xa0', 'SIP/2.0'],
];

type Wound = (text: string, chance: Chance, others: readonly string[]) => string;

const at = (text: string, chance: Chance): number => chance.below(text.length + 1);
const between = (text: string, chance: Chance): readonly [number, number] => {
  const [a, b] = [at(text, chance), at(text, chance)];
  // Short pieces are what a wound is; a long one now and then.
  const long = chance.odds(0.1);
  return [Math.min(a, b), long ? Math.max(a, b) : Math.min(text.length, Math.min(a, b) + chance.below(12))];
};

const WOUNDS: readonly Wound[] = [
  (text, chance) => put(text, at(text, chance), 0, chance.pick(SHARP)),
  (text, chance) => put(text, at(text, chance), 1, chance.pick(SHARP)),
  (text, chance) => put(text, at(text, chance), 1, String.fromCharCode(chance.below(256))),
  (text, chance) => put(text, at(text, chance), 0, chance.octets(20)),
  (text, chance) => put(text, at(text, chance), chance.below(6), chance.number()),
  (text, chance) => {
    const [from, to] = between(text, chance);
    return text.slice(0, from) + text.slice(to);
  },
  (text, chance) => {
    const [from, to] = between(text, chance);
    const times = chance.odds(0.02) ? chance.below(3000) : chance.below(5);
    return put(text, to, 0, text.slice(from, to).repeat(times));
  },
  (text, chance) => text.slice(0, at(text, chance)),
  (text, chance, others) => text.slice(0, at(text, chance)) + splice(chance.pick(others), chance),
  (text, chance) => {
    const lines = text.split('\n');
    const line = chance.pick(lines);
    lines.splice(chance.below(lines.length), chance.below(2), line);
    return lines.join('\n');
  },
  // Only ASCII letters: the others would leave the octets.
  (text) => text.replace(/[a-z]/g, (letter) => letter.toUpperCase()),
  (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
];

const put = (text: string, from: number, without: number, piece: string): string =>
  text.slice(0, from) + piece + text.slice(from + without);

const splice = (other: string, chance: Chance): string => other.slice(at(other, chance));

/** One to six wounds; pieces of `others` may be grafted in. The text stays below `most` octets. */
export function mutate(text: string, others: readonly string[], chance: Chance, most = 70_000): string {
  let wounded = text;
  for (let left = 1 + chance.below(6); left > 0; left -= 1)
    wounded = chance.pick(WOUNDS)(wounded, chance, others).slice(0, most);
  return wounded;
}
