/** Which codecs a call offers and takes (RFC 3264 5.1, 6.1; original-phone 1.6). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CodecName, PhoneSettings } from '../../../firmware/config/settings.ts';
import { lineSettings, phoneSettings } from '../../support/settings.ts';
import { desk, invites } from '../call-desk.ts';
import { Caller } from '../caller.ts';
import { PAIR } from '../rung.ts';

describe('the codecs of the configuration (`sip customized codec`)', () => {
  const chosen = (codecs: readonly CodecName[], ptimeMs: number): PhoneSettings =>
    phoneSettings({
      lines: [lineSettings({ registrar: PAIR, proxy: PAIR })],
      calls: { ...phoneSettings().calls, codecs, ptimeMs },
    });

  it('stand in an offer in their order, with what a packet holds', () => {
    const all = desk(chosen(['PCMA', 'G722'], 30));
    all.dial();
    all.world.run(1000);
    const body = invites(all)[0]?.body ?? '';
    assert.match(body, /m=audio \d+ RTP\/AVP 8 9 101\r\n/);
    assert.match(body, /a=ptime:30\r\n/);
    assert.doesNotMatch(body, /PCMU/);
  });

  it('are all that is taken of others: without one in common a call hears 488', () => {
    const all = desk(chosen(['G722'], 20));
    const caller = new Caller(all.world, all.primary).call();
    all.world.run(1000);
    assert.equal(caller.statuses()[0], 488);
  });
});
