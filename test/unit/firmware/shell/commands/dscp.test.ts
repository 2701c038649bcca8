/** `holdfast dscp`: the rules that it prints, and what it refuses. That packets are marked by them is seen in test/interop. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runDscp } from '../../../../../firmware/shell/commands/dscp.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-dscp-'));
after(() => rmSync(folder, { recursive: true }));

async function dscp(text: string | null): Promise<{ readonly code: number; readonly said: string }> {
  const file = join(folder, 'phone.cfg');
  if (text !== null) writeFileSync(file, text);
  let said = '';
  const say = (more: string): void => {
    said += more;
  };
  const code = await runDscp(text === null ? [] : [file], { report: say, complain: say });
  return { code, said };
}

describe('holdfast dscp', () => {
  it('marks what leaves the SIP port, over UDP and TCP, IPv4 and IPv6, with tos sip', async () => {
    const { code, said } = await dscp('sip user name: 2001\nsip local port: 5070\ntos sip: 24\n');
    assert.equal(code, 0);
    assert.match(said, /^table inet holdfast_dscp\ndelete table inet holdfast_dscp\ntable inet holdfast_dscp \{\n/);
    assert.match(said, /udp sport 5070 ip dscp set 24\n {4}udp sport 5070 ip6 dscp set 24\n/);
    assert.match(said, /tcp sport \{ 5070, 5061 \} ip dscp set 24\n/);
    assert.match(said, /tcp dport \{ 5070, 5061, 5060 \} ip6 dscp set 24\n/);
  });

  it('26, assured forwarding 31, where nothing is said', async () => {
    assert.match((await dscp('sip user name: 2001\n')).said, /udp sport 5060 ip dscp set 26\n/);
  });

  it('marks sound by tos rtp and reports on it by tos rtcp, on the ports from sip rtp port on', async () => {
    const { said } = await dscp('sip user name: 2001\nsip rtp port: 4001\ntos rtp: 40\ntos rtcp: 10\n');
    assert.match(said, /udp sport \{ 4002, 4004, [\d, ]+, 4036 \} ip dscp set 40\n/);
    assert.match(said, /udp sport \{ 4003, 4005, [\d, ]+, 4037 \} ip6 dscp set 10\n/);
    assert.doesNotMatch((await dscp('sip user name: 2001\nsip rtp port: 0\n')).said, /chain sound/);
  });

  it('a value that is no DSCP is not taken over: the default stands', async () => {
    const { said } = await dscp('tos sip: 64; add table x\n');
    assert.match(said, /dscp set 26\n/);
    assert.doesNotMatch(said, /add table/);
  });

  it('refuses a port that changes, and an empty command', async () => {
    assert.deepEqual([(await dscp('sip local port: 0\n')).code, (await dscp(null)).code], [2, 2]);
  });
});
