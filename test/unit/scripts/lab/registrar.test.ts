/** A registrar of the lab from outside, by plain packets: challenges, bindings, refusals, both transports. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { after, before, describe, it } from 'node:test';
import type { Lab, Seen } from '../../../../scripts/lab/lab.ts';
import { startLab } from '../../../../scripts/lab/lab.ts';
import type { Answer, Login, Peer } from './wire.ts';
import { ask, authorization, openPeer, readAnswer, register, request, within } from './wire.ts';

const CONTACT = '<sip:2001@127.0.0.1:5060;hf=p>;+sip.instance="<urn:uuid:1>";q=0.5';

let lab: Lab;
let peer: Peer;
let login: Login;

/** The registrar tells the lab beside its answer: whichever comes first. */
const seenBy = (fits: (seen: Seen) => boolean): Promise<Seen> =>
  within(
    new Promise((resolve) => {
      const found = lab.requests().find(fits);
      if (found !== undefined) return resolve(found);
      lab.onRequest((seen) => fits(seen) && resolve(seen));
    }),
    'request seen',
  );

describe('a registrar of the lab', () => {
  before(async () => {
    lab = await startLab({ minExpiresS: 60 });
    peer = await openPeer(lab.info().primary.target);
    const [account] = lab.info().accounts;
    assert.ok(account);
    login = account;
  });
  after(async () => {
    peer.close();
    await lab.stop();
  });

  it('challenges a REGISTER, binds what answers the challenge, and tells what it saw', async () => {
    const sent = { method: 'REGISTER', callId: 'bound', headers: [`Contact: ${CONTACT}`, 'Expires: 120'] };
    const first = await ask(peer, sent);
    assert.equal(first.status, 401);
    assert.match(first.header('www-authenticate') ?? '', /^Digest realm="primary\.lab\.test",.*algorithm=MD5/);
    assert.match(first.header('to') ?? '', /;tag=\w+/);
    const headers = [...sent.headers, authorization(first, login, sent)];
    const second = await ask(peer, { ...sent, cseq: 2, headers });
    assert.equal(second.status, 200);
    assert.equal(second.header('contact'), `${CONTACT};expires=120`);
    assert.deepEqual((await lab.bindings('primary'))['2001'], ['sip:2001@127.0.0.1:5060;hf=p']);
    assert.deepEqual(await lab.bindings('backup'), {});
    const { at, branch, ...seen } = await seenBy(({ callId, cseq }) => callId === 'bound' && cseq === 2);
    assert.match(branch, /^z9hG4bKtest/);
    assert.ok(at > 1_700_000_000_000);
    assert.deepEqual(seen, {
      server: 'primary',
      method: 'REGISTER',
      user: '2001',
      from: `udp:127.0.0.1:${peer.port}`,
      callId: 'bound',
      cseq: 2,
      contact: 'sip:2001@127.0.0.1:5060;hf=p',
      expires: 120,
      status: 200,
    });
  });

  it('shows the other contacts when one is removed, and no Contact when none is left', async () => {
    const user = { user: '2002', headers: ['Contact: <sip:a@127.0.0.1>, <sip:b@127.0.0.1>', 'Expires: 60'] };
    const second = lab.info().accounts[1] ?? login;
    await register(peer, second, user);
    const one = await register(peer, second, { user: '2002', headers: ['Contact: <sip:a@127.0.0.1>;expires=0'] });
    assert.equal(one.header('contact'), '<sip:b@127.0.0.1>;expires=60');
    const none = await register(peer, second, { user: '2002', headers: ['Contact: *', 'Expires: 0'] });
    assert.deepEqual([none.status, none.header('contact')], [200, null]);
    assert.deepEqual((await lab.bindings('primary'))['2002'], []);
  });

  it('refuses a wrong password with 403, a stranger with 404, too short a time with 423', async () => {
    const contact = [`Contact: ${CONTACT}`];
    assert.equal((await register(peer, { ...login, password: 'no' }, { headers: contact })).status, 403);
    assert.equal((await register(peer, { ...login, auth: '2001' }, { headers: contact })).status, 403);
    assert.equal((await register(peer, login, { user: '9999', headers: contact })).status, 404);
    const short = await register(peer, login, { headers: [...contact, 'Expires: 59'] });
    assert.deepEqual([short.status, short.header('min-expires')], [423, '60']);
  });

  /** 2003 as a phone that is registered at the primary. */
  async function registered(t: TestContext) {
    const phone = await openPeer(lab.info().primary.target);
    t.after(() => phone.close());
    const account = lab.info().accounts[2] ?? login;
    const own = `<sip:2003@127.0.0.1:${phone.port}>`;
    await register(phone, account, { user: '2003', headers: [`Contact: ${own}`, 'Expires: 60'] });
    /** What begins so; copies of answers that nobody acknowledged may come before. */
    const next = async (start: string): Promise<string> => {
      for (;;) {
        const text = (await phone.next()).toString('latin1');
        if (text.startsWith(start)) return text;
      }
    };
    return { phone, account, own, next };
  }

  it('55 is busy and calls back who dialled it, where that one registered from; its 2xx is acknowledged, its BYE taken', async (t) => {
    const { phone, account, own, next } = await registered(t);
    const call = { method: 'INVITE', user: '2003', uri: 'sip:55@primary.lab.test', headers: [`Contact: ${own}`] };
    assert.equal((await register(phone, account, call)).status, 486);
    const back = await next('INVITE');
    assert.match(back, /^INVITE sip:2003@127\.0\.0\.1:\d+ SIP\/2\.0\r\n[\s\S]*From: "Echo" <sip:echo@[\s\S]*m=audio/i);
    const copied = back.split('\r\n').filter((line) => /^(via|from|to|call-id|cseq):/i.test(line));
    const to = copied.map((line) => (/^to:/i.test(line) ? `${line};tag=mine` : line));
    phone.send(Buffer.from(['SIP/2.0 200 OK', ...to, `Contact: ${own}`, 'Content-Length: 0', '\r\n'].join('\r\n')));
    assert.match(await next('ACK'), /^ACK sip:2003@127\.0\.0\.1:\d+ SIP\/2\.0\r\n/);
    const tag = /tag=(\w+)/.exec(copied.find((line) => /^from:/i.test(line)) ?? '')?.[1] ?? '';
    const callId = /^call-id: *(\S+)/im.exec(back)?.[1] ?? '';
    const bye = request(phone.port, { method: 'BYE', user: '2003', callId, uri: 'sip:echo@127.0.0.1' });
    phone.send(Buffer.from(bye.replace(/^(To: .*)$/m, `$1;tag=${tag}`)));
    assert.match(await next('SIP/2.0 2'), /CSeq: 1 BYE/);
  });

  it('calls who is registered there, as it is told; not through a server that is dead or that does not know the number', async (t) => {
    const { next } = await registered(t);
    assert.deepEqual(await lab.call('primary', '2003'), { ok: true });
    assert.match(
      await next('INVITE'),
      /^INVITE sip:2003@127\.0\.0\.1:\d+ SIP\/2\.0\r\n[\s\S]*From: "Echo" <sip:echo@/i,
    );
    assert.deepEqual(await lab.call('primary', '2003', 'Alert-Info: <x:y>;info=alert-autoanswer'), { ok: true });
    assert.match(await next('INVITE'), /^alert-info: <x:y>;info=alert-autoanswer\r$/im);
    const injected = await lab.call('primary', '2003', 'Alert-Info: x\r\nTo: y');
    assert.deepEqual(injected, { ok: false, error: 'call primary|backup NUMBER ["NAME: VALUE"]' });
    assert.deepEqual(await lab.call('backup', '2003'), { ok: false, error: '2003 is not registered at backup' });
    await lab.fault('backup', 'kill');
    assert.deepEqual(await lab.call('backup', '2003'), { ok: false, error: 'backup does not serve: clear it first' });
    await lab.fault('backup', 'clear');
  });

  it('calls a nonce stale that is used twice or comes from another server, but not where the answer is wrong', async () => {
    const backup = await openPeer(lab.info().backup.target);
    const sent = { method: 'REGISTER', headers: [`Contact: ${CONTACT}`] };
    const foreign = await ask(backup, { ...sent, domain: 'backup.lab.test' });
    backup.close();
    const own = await ask(peer, sent);
    const answered = (challenge: Answer, by: Login) =>
      ask(peer, { ...sent, headers: [...sent.headers, authorization(challenge, by, sent)] });
    assert.equal((await answered(own, login)).status, 200);
    const again = await answered(own, login);
    assert.match(again.header('www-authenticate') ?? '', /stale=true/);
    const text = (foreign.header('www-authenticate') ?? '').replace('backup', 'primary');
    const elsewhere: Answer = { ...foreign, header: () => text };
    const stale = await answered(elsewhere, login);
    assert.deepEqual([stale.status, /stale=true/.test(stale.header('www-authenticate') ?? '')], [401, true]);
    const wrong = await answered(elsewhere, { ...login, password: 'no' });
    assert.deepEqual([wrong.status, /stale/.test(wrong.header('www-authenticate') ?? '')], [401, false]);
  });

  it('answers a copy from its memory, and sees one request', async () => {
    const copy = Buffer.from(request(peer.port, { callId: 'copied' }));
    peer.send(copy);
    const first = await peer.next();
    peer.send(copy);
    assert.deepEqual(await peer.next(), first);
    await seenBy(({ callId }) => callId === 'copied');
    assert.equal(lab.requests().filter(({ callId }) => callId === 'copied').length, 1);
  });

  it('answers OPTIONS, and refuses what it does not know', async () => {
    const statuses: number[] = [];
    for (const method of ['OPTIONS', 'INVITE', 'BYE', 'PUBLISH']) {
      const { status, header } = await ask(peer, { method });
      statuses.push(status);
      if (method !== 'INVITE') continue;
      const tag = header('to') ?? '';
      const branch = /branch=([^;]+)/.exec(header('via') ?? '')?.[1] ?? '';
      const ack = request(peer.port, { method: 'ACK', callId: header('call-id') ?? '' });
      peer.send(Buffer.from(ack.replace(/branch=\w+/, `branch=${branch}`).replace(/^To: .*$/m, `To: ${tag}`)));
    }
    assert.deepEqual(statuses, [200, 401, 481, 405]);
  });

  it('answers over TCP too, on the same port', async () => {
    const [, host, port] = lab.info().primary.target.split(':');
    const socket = connect(Number(port), host);
    socket.write(request(socket.localPort ?? 5060, { callId: 'stream' }).replace('/UDP', '/TCP'));
    const [answer] = (await within(once(socket, 'data'), 'answer over TCP')) as [Buffer];
    socket.destroy();
    assert.deepEqual([readAnswer(answer).status, readAnswer(answer).callId], [200, 'stream']);
    assert.match((await seenBy(({ callId }) => callId === 'stream')).from, /^tcp:127\.0\.0\.1:\d+$/);
  });
});
