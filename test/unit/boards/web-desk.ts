/** Owns a whole phone at the lab whose Web UI is asked and posted to as tools in the field do: by HTTP, with the administrator's password. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Composed, Panel } from '../../../boards/compose.ts';
import { compose } from '../../../boards/compose.ts';
import { mountPages } from '../../../boards/run.ts';
import { parseRunArgs } from '../../../firmware/shell/args.ts';
import type { RoleStatus } from '../../../firmware/status.ts';
import type { Lab } from '../../../scripts/lab/lab.ts';
import { startLab } from '../../../scripts/lab/lab.ts';
import { folders } from '../../support/folder.ts';

/** Hang guard, ms. */
const PATIENCE_MS = 60_000;
export const PASSWORD = 'correct horse';

export interface WebDesk {
  readonly lab: Lab;
  readonly phone: Composed;
  /** Its state folder. */
  readonly state: string;
  readonly url: string;
  /** As the administrator, by Basic. */
  ask(path: string, more?: RequestInit): Promise<Response>;
  /** The answer's text. */
  /** A text is a form as a script has written it. */
  post(path: string, fields: Readonly<Record<string, string>> | string): Promise<string>;
  get(path: string): Promise<string>;
}

/** Call it once at the top of a test file; each call of what it returns makes a phone of two lines whose configuration knows no backup. */
export function webDesks(): (extra?: readonly string[], panel?: Panel | null) => Promise<WebDesk> {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  const folder = folders();
  return async (extra = [], panel = null) => {
    const lab = await startLab({ accounts: 2, extraConfig: ['failover probe period: 5', 'failover jitter: 0'] });
    cleanUps.push(() => lab.stop());
    const place = await folder();
    const state = join(place, 'state');
    const config = join(place, 'phone.cfg');
    const text = await readFile(lab.info().config, 'utf8');
    const alone = text.split('\n').filter((line) => !line.startsWith('sip backup'));
    await writeFile(config, [...alone, `admin password: ${PASSWORD}`, ...extra, ''].join('\n'));
    const args = parseRunArgs(
      ['--config', config, '--state', state, '--dns', lab.info().dns, '--bind', '127.0.0.1', '--http', '127.0.0.1:0'],
      {},
    );
    assert.ok(args.ok);
    const composed = await compose(args.value, {
      panel,
      logLevel: 'silent',
      mount: (web, parts) => mountPages(web, { ...parts, panel, hil: false }),
    });
    assert.ok(composed.ok);
    const phone = composed.value;
    cleanUps.push(async () => {
      await phone.phone.stop();
      panel?.stop();
      await phone.web?.close();
    });
    const url = `http://${phone.http ?? ''}`;
    const headers = { Authorization: `Basic ${Buffer.from(`admin:${PASSWORD}`).toString('base64')}` };
    const ask = (path: string, more: RequestInit = {}): Promise<Response> =>
      fetch(`${url}${path}`, { headers, ...more });
    return {
      ...{ lab, phone, state, url, ask },
      post: async (path, fields) => (await ask(path, { method: 'POST', body: new URLSearchParams(fields) })).text(),
      get: async (path) => (await ask(path)).text(),
    };
  };
}

/** Cells of tables without what is there for the eye. */
export const plainCells = (page: string): string => page.replace(/<td data-head="[^"]*">/g, '<td>');

export async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; !holds(); await pause(10))
    assert.ok(performance.now() < end, `${what}: not within ${PATIENCE_MS} ms`);
}

export const registrarOf = ({ phone }: WebDesk, line: number): RoleStatus | null | undefined =>
  phone.phone.host.status().lines.find((one) => one.line === line)?.registrar;

export const isOn = (at: WebDesk, line: number, server: string) => (): boolean =>
  registrarOf(at, line)?.state === 'registered' && registrarOf(at, line)?.server === server;
