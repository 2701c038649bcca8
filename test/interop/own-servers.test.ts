/** `holdfast test` as the person who runs the servers has it: Kamailio and BIND, broken by a command, and the reports of what a phone saw. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseXml } from '../unit/scripts/scenario/xml.ts';
import { ADDRESSES } from './support/network.ts';
import { runIn } from './support/process.ts';
import { DOMAIN, PASSWORD } from './support/servers.ts';
import type { Fault, Stage } from './support/stage.ts';
import { openStage } from './support/stage.ts';

const HOLDFAST = fileURLToPath(new URL('../../scripts/holdfast.mjs', import.meta.url));
const SCENARIOS = [
  'registration',
  'primary-killed',
  'primary-silent',
  'primary-503',
  'primary-500',
  'way-home',
  'restart',
];

/** Run as `COMMAND TARGET KIND`: hands the order to the stage, and ends when it is in force. */
const COMMAND = `
import { connect } from 'node:net';
const [path, ...order] = process.argv.slice(2);
let answer = '';
connect(path)
  .on('data', (chunk) => { answer += chunk; })
  .on('end', () => { console.log(answer); process.exit(answer === 'done' ? 0 : 1); })
  .write(order.join(' '));
`;

let stage: Stage;
let orders: Server;
let command = '';
let config = '';
const ordered: string[] = [];

/** The stage's name of what a scenario orders. */
function faultOf(order: string): Fault | null {
  const kind = /^primary (\w+)$/.exec(order)?.[1];
  if (kind === 'kill') return stage.fault('killed');
  if (kind === 'silent') return stage.fault('blackholed');
  return kind === '500' || kind === '503' ? stage.fault(kind) : null;
}

function listen(path: string): Server {
  let broken: Fault | null = null;
  const obey = async (order: string): Promise<string> => {
    ordered.push(order);
    if (order === 'primary clear') {
      await broken?.end();
      broken = null;
      return 'done';
    }
    broken = faultOf(order);
    if (broken === null) return `${order}: not known here`;
    await broken.begin();
    return 'done';
  };
  return createServer((socket) =>
    socket.once('data', async (order) => socket.end(await obey(order.toString()))),
  ).listen(path);
}

/** In the phone's place on the network; `out` is what a person reads. */
async function test(args: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  const own = ['--config', config, '--dns', ADDRESSES.dns, '--bind', ADDRESSES.phone, '--fault-command', command];
  const { child } = runIn('phone', process.execPath, [HOLDFAST, 'test', ...args, ...own]);
  assert.ok(child.stdout !== null);
  const [out, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return { code: code as number, out };
}

describe('holdfast test against Kamailio', () => {
  before(async () => {
    stage = openStage();
    await stage.primaryStarts();
    const [script, path] = [join(stage.folder, 'order.mjs'), join(stage.folder, 'orders')];
    writeFileSync(script, COMMAND);
    orders = listen(path);
    command = `${process.execPath} ${script} ${path}`;
    config = join(stage.folder, 'my.cfg');
    writeFileSync(
      config,
      [
        `sip registrar ip: ${DOMAIN}`,
        'sip registrar port: 0',
        `sip backup registrar ip: backup.${DOMAIN}`,
        'sip backup registrar port: 5060',
        'sip line1 user name: 2001',
        `sip line1 password: ${PASSWORD}`,
        'sip local port: 0',
        '',
      ].join('\n'),
    );
  });
  after(async () => {
    orders.close();
    await stage.close();
  });

  it('the shipped scenarios: each step comes about, each fault is ordered and mended, and two reports say so', async (t) => {
    const [xml, html] = [join(stage.folder, 'report.xml'), join(stage.folder, 'report.html')];
    const { out } = await test([...SCENARIOS, '--junit', xml, '--html', html]);
    t.diagnostic(out);
    // On a slow host a step may be late: that it came about is what counts here.
    assert.doesNotMatch(out, /^ {2}FAIL/m);
    assert.equal(out.match(/in [\d.]+ s, against the servers of /g)?.length, SCENARIOS.length);
    assert.deepEqual(
      ordered,
      ['kill', 'silent', '503', '500']
        .flatMap((kind) => [`primary ${kind}`, 'primary clear'])
        .concat(['primary kill', 'primary clear']),
    );
    const suites = parseXml(readFileSync(xml, 'utf8')).filter(({ name }) => name === 'testsuite');
    assert.deepEqual(
      suites.map(({ attributes }) => attributes.get('name')?.split(':')[0]),
      SCENARIOS,
    );
    const page = readFileSync(html, 'utf8');
    assert.match(page, new RegExp(`${DOMAIN}[^]*REGISTER 1`));
    assert.ok(!page.includes(PASSWORD) && !readFileSync(xml, 'utf8').includes(PASSWORD));
  });

  it('what the servers do not do fails, with what was seen instead', async () => {
    const scenario = join(stage.folder, 'wrong.yaml');
    writeFileSync(scenario, '- expectRegistered: backup\n  within: 5\n- stop: clean\n');
    const { code, out } = await test([scenario]);
    assert.equal(code, 1);
    assert.match(out, /^ {2}FAIL.*registered on the backup\n.*not within 5 s; line 1 is registered on the primary/m);
  });
});
