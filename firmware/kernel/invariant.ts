/** Owns how our own mistakes are told: a broken invariant throws, the world's failures never do. */

export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}

export function invariant(condition: boolean, what: string): asserts condition {
  if (!condition) throw new InvariantBroken(what);
}

/** Closes an exhaustive switch: the compiler rejects a forgotten member. */
export function unreachable(value: never): never {
  throw new InvariantBroken(`unexpected value ${JSON.stringify(value)}`);
}
