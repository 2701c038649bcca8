/** Owns the password that stands in an address (`http://name:password@server/`): it is shown no more than any other. */

/** What stands for a secret that is kept. */
export const HIDDEN = '********';

const IN_ADDRESS = /^(.*?:\/\/[^\s/?#@:]*:)([^\s/?#]+)(@.*)$/s;

/** A text cut around the password of the first address in it; null = there is none. */
export function addressPassword(
  text: string,
): { readonly before: string; readonly value: string; readonly after: string } | null {
  const [, before = '', value = '', after = ''] = IN_ADDRESS.exec(text) ?? [];
  return value === '' ? null : { before, value, after };
}

/** As a person may see it. */
export function withoutPassword(text: string): string {
  const found = addressPassword(text);
  return found === null ? text : `${found.before}${HIDDEN}${found.after}`;
}

/** What was shown of `kept` and edited, with its password again. */
export function withPassword(edited: string, kept: string): string {
  const [found, old] = [addressPassword(edited), addressPassword(kept)];
  return found?.value === HIDDEN && old !== null ? `${found.before}${old.value}${found.after}` : edited;
}
