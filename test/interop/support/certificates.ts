/** Owns the files of an authority of the run and of the certificates that it issues: Kamailio reads its own from disk. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certified } from '../../../scripts/lab/certificates.ts';
import { createAuthority } from '../../../scripts/lab/certificates.ts';

/** Paths of PEM files. */
export type Pem = Certified;

/** An authority of its own in `folder`; `issue` makes a certificate for these DNS names (RFC 5922 7.1). */
export function createAuthorityIn(folder: string) {
  const authority = createAuthority('Interop authority');
  const file = join(folder, 'authority.pem');
  writeFileSync(file, authority.certificate);
  return {
    file,
    issue(name: string, dns: readonly string[]): Pem {
      const pem = authority.issue({ commonName: name, dns });
      const path = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
      writeFileSync(path.certificate, pem.certificate);
      writeFileSync(path.key, pem.key, { mode: 0o600 });
      return path;
    },
  };
}
