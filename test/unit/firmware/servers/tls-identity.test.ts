/** Owns whom a certificate speaks for (RFC 5922 7.1-7.3). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CertificateNames } from '../../../../firmware/servers/tls-identity.ts';
import { checkIdentity, readAlternatives } from '../../../../firmware/servers/tls-identity.ts';

const names = (alternatives: string, commonName: string | null = null): CertificateNames => ({
  alternatives: readAlternatives(alternatives),
  commonName,
});
const speaks = (certificate: CertificateNames, configured: string): boolean =>
  checkIdentity(certificate, configured).ok;

describe('whom a certificate speaks for (RFC 5922)', () => {
  it('the configured name, whole, in whatever case', () => {
    assert.ok(speaks(names('DNS:PBX.example.test'), 'pbx.Example.test.'));
    for (const shown of ['DNS:example.test', 'DNS:a.pbx.example.test', 'DNS:pbx.example.test.evil.test'])
      assert.ok(!speaks(names(shown), 'pbx.example.test'), shown);
  });

  it('a wildcard speaks for nobody (7.2)', () => {
    assert.ok(!speaks(names('DNS:*.example.test'), 'pbx.example.test'));
    assert.ok(!speaks(names('URI:sip:*.example.test'), 'pbx.example.test'));
  });

  it('a sip: URI outranks DNS names; one with a user, or of another scheme, names no domain (7.1)', () => {
    assert.ok(speaks(names('URI:sip:example.test, DNS:other.test'), 'example.test'));
    assert.ok(!speaks(names('URI:sip:other.test, DNS:example.test'), 'example.test'));
    assert.ok(speaks(names('URI:sip:alice@other.test, DNS:example.test'), 'example.test'));
    assert.ok(speaks(names('URI:https://other.test/, DNS:example.test'), 'example.test'));
    assert.ok(speaks(names('URI:SIP:example.test:5061;transport=tls'), 'example.test'));
    assert.ok(speaks(names('DNS:a.test, DNS:b.test, DNS:example.test'), 'example.test'));
  });

  it('the common name counts only where no alternative name stands', () => {
    assert.ok(speaks(names('', 'example.test'), 'example.test'));
    assert.ok(!speaks(names('DNS:other.test', 'example.test'), 'example.test'));
    assert.ok(!speaks(names('IP Address:192.0.2.1', 'example.test'), 'example.test'));
  });

  it('an address is held by an address alone', () => {
    assert.ok(speaks(names('IP Address:192.0.2.1'), '192.0.2.1'));
    assert.ok(speaks(names('IP Address:2001:DB8:0:0:0:0:0:1'), '[2001:db8:0:0:0:0:0:1]'));
    assert.ok(speaks(names('IP Address:2001:DB8:0:0:0:0:0:1'), '2001:db8::1'));
    assert.ok(!speaks(names('IP Address:2001:DB8:0:0:0:0:0:1'), '2001:db8::2'));
    assert.ok(!speaks(names('DNS:192.0.2.1'), '192.0.2.1'));
    assert.ok(!speaks(names('', '192.0.2.1'), '192.0.2.1'));
  });

  it('a refusal says who the certificate is for, at bounded length', () => {
    assert.deepEqual(checkIdentity(names('DNS:a.test, DNS:b.test'), 'example.test'), {
      ok: false,
      error: 'the certificate is for a.test, b.test, not for example.test',
    });
    assert.deepEqual(checkIdentity(names(''), 'example.test'), {
      ok: false,
      error: 'the certificate is for nobody we could ask for, not for example.test',
    });
    const long = checkIdentity(names(`DNS:${'x'.repeat(5000)}`), 'example.test');
    assert.ok(!long.ok && long.error.length < 300);
  });

  it('a value that holds a comma or a quote cannot smuggle in another name', () => {
    assert.deepEqual(readAlternatives('DNS:"a.test, DNS:example.test", IP Address:192.0.2.1'), [
      { kind: 'DNS', value: 'a.test, DNS:example.test' },
      { kind: 'IP Address', value: '192.0.2.1' },
    ]);
    assert.ok(!speaks(names('DNS:"a.test, DNS:example.test"'), 'example.test'));
    assert.deepEqual(readAlternatives('URI:"sip:\\"q\\".test"'), [{ kind: 'URI', value: 'sip:"q".test' }]);
  });
});
