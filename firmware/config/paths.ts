/** Owns what a folder of a configuration server may be called: nothing that leads out of it, nothing that breaks a request. */

/** Folders separated by `/`; empty = none. */
export const isSafePath = (path: string): boolean =>
  path === '' || path.split('/').every((part) => /^[\w .~%+@=,-]+$/.test(part) && !isUp(part));

/** `..` and its disguise. */
const isUp = (part: string): boolean => /^\.+$/.test(part.replace(/%2e/gi, '.')) || /%(2f|5c|0)/i.test(part);
