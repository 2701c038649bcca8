/**
 * Owns provisioning of a running phone: carries out what `provisioning/rounds.ts` orders, keeps server.cfg, and tells what came of it.
 * The phone never waits for it: what was kept of the last time is in force until something newer has come.
 */
import { join } from 'node:path';
import { TAKES_RESTART } from '../../config/at-next-start.ts';
import type { EffectiveSettings } from '../../config/layers.ts';
import { findParameter } from '../../config/parameters.ts';
import type { PhoneModel, TlsSettings } from '../../config/settings.ts';
import type { PhoneEvent } from '../../events.ts';
import { ok } from '../../kernel/result.ts';
import { millis } from '../../kernel/time.ts';
import type { RoundOutcome, RoundsInput, RoundsOrder, RoundsState } from '../../provisioning/rounds.ts';
import { newRounds, roundsDeadline, stepRounds } from '../../provisioning/rounds.ts';
import { nextResync, resyncSettings } from '../../provisioning/schedule.ts';
import { fileNames, packed } from '../../provisioning/server-file.ts';
import type { DhcpOptions } from '../../provisioning/sources.ts';
import { sourcesOf } from '../../provisioning/sources.ts';
import type { DirectoryName } from '../../vocabulary.ts';
import { readServerFile, SERVER_FILE } from '../config-files.ts';
import { codeOf } from '../errno.ts';
import { writeWhole } from '../files.ts';
import type { SettingsStore } from '../settings-store.ts';
import { fetchDirectories, keptDirectories } from './directories.ts';
import type { Downloaded } from './download.ts';
import { download } from './download.ts';

export interface ProvisionerOptions {
  readonly store: SettingsStore;
  readonly stateDir: string;
  readonly device: { readonly model: PhoneModel; readonly mac: string };
  readonly version: string;
  /** ms on the monotonic clock, and Unix time (null = the clock is not set). */
  readonly now: () => number;
  readonly wallMs: () => number | null;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly leases: () => Promise<DhcpOptions>;
  readonly lookup: (host: string) => Promise<readonly string[]>;
  /** PEM of the authorities that the settings name; null = the usual public ones. */
  readonly authorities: (tls: TlsSettings) => Promise<readonly string[] | null>;
  readonly tell: (event: PhoneEvent) => void;
  /** The names that the server's lists hold, all of them. */
  readonly directory: (names: readonly DirectoryName[]) => void;
  /** The process makes way for a fresh one. */
  readonly restart: () => void;
}

export interface Provisioner {
  /** What happens at the phone: calls, and what a server asks for. */
  event(event: PhoneEvent): void;
  /** What came of the last round, for a page; null = there was none. */
  last(): LastRound | null;
  /** A person wants a round: soon, as a server's check-sync would have it, without a restart. */
  ask(): void;
  /** What DHCP says has changed: a round, as the one at the start. */
  leaseChanged(): void;
  stop(): void;
}

export interface LastRound {
  /** Unix ms; null = the clock was not set. */
  readonly atMs: number | null;
  readonly outcome: RoundOutcome;
  /** Where the files are from; null where none came. */
  readonly from: string | null;
  readonly said: readonly string[];
}

interface Ended {
  readonly outcome: RoundOutcome;
  readonly takesRestart: boolean;
}

const TIMER_MAX_MS = 2 ** 31 - 1;

export function startProvisioner(options: ProvisionerOptions): Provisioner {
  const stopping = new AbortController();
  const calls = new Set<string>();
  let state: RoundsState = newRounds(millis(options.now()));
  let timer: NodeJS.Timeout | null = null;
  let last: LastRound | null = null;
  let lastProblem = '';
  let offered = '[]';
  let toldOfLists: ReadonlySet<string> = new Set();

  function step(input: RoundsInput): void {
    if (stopping.signal.aborted) return;
    const next = stepRounds(state, input, { now: millis(options.now()), chance: options.chance() });
    state = next.state;
    for (const order of next.out) void carryOut(order);
    if (timer !== null) clearTimeout(timer);
    const at = roundsDeadline(state);
    if (at === null) return;
    timer = setTimeout(() => step({ kind: 'due' }), Math.min(TIMER_MAX_MS, Math.max(0, at - options.now())));
    // A phone that ends does not wait for the next resync.
    timer.unref();
  }

  async function carryOut(order: RoundsOrder): Promise<unknown> {
    switch (order) {
      case 'download':
        return step({ kind: 'ended', ...(await round()) });
      case 'apply':
        return options.store.reload();
      case 'restart':
        return options.restart();
      case 'plan':
        return step({ kind: 'planned', at: await plan() });
    }
  }

  async function plan(): Promise<RoundsState['resyncAt']> {
    const wall = options.wallMs();
    const effective = await options.store.read();
    if (wall === null || !effective.ok) return null;
    const due = nextResync(resyncSettings(reader(effective.value)), wall, last?.atMs ?? wall, options.chance());
    return due === null ? null : millis(options.now() + due - wall);
  }

  async function round(): Promise<Ended> {
    const before = await options.store.read();
    if (!before.ok) return told({ outcome: 'failed', from: null, said: [before.error] });
    const value = reader(before.value);
    const { sources, problems } = sourcesOf(value, await options.leases());
    if (sources.length === 0) return told({ outcome: 'none', from: null, said: problems });
    const came = await download({
      sources,
      names: fileNames(options.device),
      userAgent: userAgent(options),
      authorities: await options.authorities(before.value.settings.tls),
      certificates: value('https validate certificates') === '0' ? 'unchecked' : 'checked',
      lookup: options.lookup,
      signal: stopping.signal,
    });
    return came.ok
      ? keep(came.value, before.value, problems)
      : told({ outcome: 'failed', from: null, said: [...problems, ...came.error] });
  }

  async function keep(
    { from, files, more }: Downloaded,
    before: EffectiveSettings,
    problems: readonly string[],
  ): Promise<Ended> {
    const text = packed(files);
    const kept = await readServerFile(options.stateDir);
    const isSame = kept.ok && kept.value === text;
    try {
      if (!isSame) await writeWhole(join(options.stateDir, SERVER_FILE), text);
    } catch (error) {
      const said = `${SERVER_FILE} cannot be written (${codeOf(error)}): the last one stays`;
      return told({ outcome: 'failed', from, said: [...problems, said] });
    }
    const after = isSame ? ok(before) : await options.store.read();
    const lists = after.ok ? await fetchDirectories(options.stateDir, reader(after.value), more) : [];
    await offerDirectories();
    const said = [...problems, ...lists];
    // What of a list is missing is asked for again, as after any failure.
    if (isSame) return told({ outcome: lists.length === 0 ? 'same' : 'failed', from, said });
    return told({ outcome: 'changed', from, said }, after.ok && differs(before, after.value));
  }

  /** What is kept of the lists that are named now. */
  async function offerDirectories(): Promise<void> {
    const effective = await options.store.read();
    if (!effective.ok || stopping.signal.aborted) return;
    const { names, problems } = await keptDirectories(options.stateDir, reader(effective.value));
    for (const problem of problems.filter((text) => !toldOfLists.has(text)))
      options.tell({ event: 'problem', file: '', line: 0, parameter: '', message: problem });
    toldOfLists = new Set(problems);
    const text = JSON.stringify(names);
    if (text !== offered) options.directory(names);
    offered = text;
  }

  /** The same trouble is told once. */
  function told(what: Omit<LastRound, 'atMs'>, takesRestart = false): Ended {
    last = { atMs: options.wallMs(), ...what };
    const message = what.said.join('; ');
    if (message !== '' && message !== lastProblem && !stopping.signal.aborted)
      options.tell({ event: 'problem', file: 'provisioning', line: 0, parameter: '', message });
    lastProblem = message;
    options.tell({ event: 'provisioning', outcome: what.outcome, ...(what.from === null ? {} : { from: what.from }) });
    return { outcome: what.outcome, takesRestart };
  }

  void offerDirectories().then(() => step({ kind: 'start' }));
  return {
    event(event) {
      if (event.event === 'check-sync') return step({ kind: 'check-sync', reboot: event.reboot });
      if (event.event !== 'call') return;
      if (event.state === 'ended') calls.delete(event.id);
      else calls.add(event.id);
      step({ kind: 'desk', state: calls.size > 0 ? 'busy' : 'idle' });
    },
    last: () => last,
    ask: () => step({ kind: 'check-sync', reboot: false }),
    leaseChanged: () => step({ kind: 'lease' }),
    stop() {
      stopping.abort();
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** `Aastra57i MAC:00-08-5D-00-00-01 V:0.1.0-SIP` (original-phone 0). */
const userAgent = ({ device, version }: Pick<ProvisionerOptions, 'device' | 'version'>): string =>
  `Aastra${device.model} MAC:${device.mac.replace(/(..)(?=.)/g, '$1-')} V:${version}-SIP`;

const reader =
  ({ effective }: EffectiveSettings) =>
  (name: string): string =>
    effective.get(name)?.value ?? findParameter(name)?.parameter.default ?? '';

function differs(before: EffectiveSettings, after: EffectiveSettings): boolean {
  const [old, fresh] = [reader(before), reader(after)];
  return [...TAKES_RESTART].some((name) => old(name) !== fresh(name));
}
