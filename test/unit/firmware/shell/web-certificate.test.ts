/** Owns the certificate of the web pages: made once, kept whole, given by files, and said where those cannot be used. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { webCertificate } from '../../../../firmware/shell/web-certificate.ts';
import { createAuthority } from '../../../../scripts/lab/certificates.ts';
import { folders } from '../../../support/folder.ts';

const folder = folders();
const NOTHING = { certificate: '', key: '', commonName: 'Holdfast 00085D000001' };

describe('the certificate of the web pages', () => {
  it('is made once, holds whatever the clock says, and is for its owner alone', async () => {
    const state = await folder();
    const first = await webCertificate(NOTHING, [], state);
    const read = new X509Certificate(first.cert);
    assert.equal(read.subject, 'CN=Holdfast 00085D000001');
    assert.ok(new Date(read.validFrom) < new Date('2021-01-01') && new Date(read.validTo) > new Date('2049-01-01'));
    assert.equal(read.fingerprint256, first.fingerprint);
    assert.deepEqual(await readdir(state), ['web-certificate.pem']);
    assert.equal((await stat(join(state, 'web-certificate.pem'))).mode & 0o077, 0);
    assert.deepEqual(await webCertificate(NOTHING, [], state), first, 'the next start shows the same');
  });

  it('cut short by a power cut of another program, it is made anew', async () => {
    const state = await folder();
    const first = await webCertificate(NOTHING, [], state);
    const path = join(state, 'web-certificate.pem');
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 500));
    const second = await webCertificate(NOTHING, [], state);
    assert.notEqual(second.fingerprint, first.fingerprint);
    assert.deepEqual(second.problems, []);
  });

  it('is the one that the configuration names, from beside the configuration file', async () => {
    const place = await folder();
    const { certificate, key } = createAuthority('Office').issue({ commonName: 'desk12', dns: ['desk12.example.org'] });
    await writeFile(join(place, 'desk.pem'), certificate);
    await writeFile(join(place, 'desk.key'), key);
    const wishes = { ...NOTHING, certificate: 'desk.pem', key: 'desk.key' };
    const shown = await webCertificate(wishes, [join(place, 'phone.cfg')], await folder());
    assert.equal(new X509Certificate(shown.cert).subject, 'CN=desk12');
    assert.deepEqual(shown.problems, []);
  });

  for (const [what, spoil, expected] of [
    ['missing', 'none', /desk\.key: cannot be read \(ENOENT\)/],
    ['of another certificate', 'other', /are no certificate and its key/],
    ['no PEM file', 'junk', /desk\.key: is no PEM file/],
  ] as const)
    it(`a key that is ${what} is said, and the phone's own is shown`, async () => {
      const place = await folder();
      const authority = createAuthority('Office');
      await writeFile(join(place, 'desk.pem'), authority.issue({ commonName: 'desk12' }).certificate);
      if (spoil === 'other') await writeFile(join(place, 'desk.key'), authority.issue({ commonName: 'desk13' }).key);
      if (spoil === 'junk') await writeFile(join(place, 'desk.key'), 'key');
      const wishes = { ...NOTHING, certificate: 'desk.pem', key: 'desk.key' };
      const shown = await webCertificate(wishes, [join(place, 'phone.cfg')], await folder());
      assert.equal(new X509Certificate(shown.cert).subject, 'CN=Holdfast 00085D000001');
      assert.match(shown.problems.join('\n'), expected);
    });
});
