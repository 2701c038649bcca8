/** Owns putting a phone together: configuration, state, board, web and control around the pure core. Used by every board's main. */
import { parseCfg } from '../firmware/config/cfg-file.ts';
import { CALLS_MAX, VOLUME } from '../firmware/config/defaults.ts';
import type { EffectiveSettings } from '../firmware/config/layers.ts';
import { findParameter } from '../firmware/config/parameters.ts';
import { speedDialChanges } from '../firmware/config/speed-dial.ts';
import { readParameter } from '../firmware/config/values.ts';
import type { PhoneEvent } from '../firmware/events.ts';
import type { Result } from '../firmware/kernel/result.ts';
import { fail, ok } from '../firmware/kernel/result.ts';
import { endpointText } from '../firmware/kernel/target.ts';
import type { RunArgs } from '../firmware/shell/args.ts';
import { createClock } from '../firmware/shell/clock.ts';
import type { LogLevel } from '../firmware/shell/log.ts';
import { createLog, isLogLevel, LOG_LEVELS } from '../firmware/shell/log.ts';
import type { Media } from '../firmware/shell/media/host.ts';
import { startMedia } from '../firmware/shell/media/host.ts';
import type { Leases } from '../firmware/shell/provisioning/leases.ts';
import { createLeases } from '../firmware/shell/provisioning/leases.ts';
import { openRecording } from '../firmware/shell/recorder.ts';
import type { RunningPhone, RunOptions } from '../firmware/shell/run.ts';
import { startPhone } from '../firmware/shell/run.ts';
import type { SettingsStore } from '../firmware/shell/settings-store.ts';
import { createSettingsStore } from '../firmware/shell/settings-store.ts';
import type { StateFolder } from '../firmware/shell/state-folder.ts';
import { openState } from '../firmware/shell/state-folder.ts';
import { bindsOf, readHosts, systemNameServers, watchNameServers } from '../firmware/shell/system-dns.ts';
import { readTlsFiles } from '../firmware/shell/tls-files.ts';
import type { Trace } from '../firmware/shell/trace.ts';
import { createTrace } from '../firmware/shell/trace.ts';
import { createXmlFetch } from '../firmware/shell/xml-fetch.ts';
import type { BoardTrouble, KeyWish } from '../firmware/vocabulary.ts';
import type { Bench } from '../firmware/web/pages/self-test-page.ts';
import type { DeskAudio } from '../firmware/web/panel/audio.ts';
import type { WebServer } from '../firmware/web/server.ts';
import type { DeskSound, Devices } from '../hal/devices.ts';
import type { HilRig } from './board.ts';
import { lookupBy, provision } from './provision.ts';
import type { Reports } from './reports.ts';
import { report, xmlUserAgent } from './reports.ts';
import { soundOf } from './sound.ts';
import type { Glass } from './web.ts';
import { createGlass, readToken, refusedSockets, socketProblem, startWeb } from './web.ts';

export const VERSION = '0.1.0';

/** What a board with a panel adds. */
export interface Panel {
  readonly devices: Devices;
  readonly rig: HilRig;
  /** A part of the board is in trouble, or well again (null); what is in trouble already is told at once. */
  onTrouble(listener: (part: string, trouble: BoardTrouble | null) => void): void;
  /** How often the keys have been read. */
  readings(): number;
  stop(): void;
}

export interface Composed {
  readonly phone: RunningPhone;
  readonly media: Media;
  /** The sound of the desk for a page; null where the card is no page's. */
  readonly audio: DeskAudio | null;
  readonly panel: Panel | null;
  readonly web: WebServer | null;
  /** Addresses of the web server, null = none. */
  readonly http: string | null;
  readonly https: string | null;
  /** The password of the Web UI that this first start made, to be shown once; null = there was one. */
  readonly password: string | null;
  /** Whether the phone ended in order to start again. */
  readonly again: () => boolean;
  readonly set: (name: string, value: string) => Promise<Result<null, string>>;
}

export interface ComposeOptions {
  readonly panel: Panel | null;
  /** Adds the board's own pages before the server listens. */
  readonly mount?: (web: WebServer, parts: Pick<Composed, 'phone' | 'media' | 'audio'>) => unknown;
  /** Its sound card; a clock without ears and mouth where none is named. */
  readonly card?: Parameters<typeof soundOf>[0];
  /** What DHCP says; what it says to this machine where absent. */
  readonly leases?: Leases;
  /** What is logged where the environment's HOLDFAST_LOG does not say. */
  readonly logLevel?: LogLevel;
}

/** Starts a phone; an error is one clear line. */
export async function compose(args: RunArgs, options: ComposeOptions): Promise<Result<Composed, string>> {
  const device = { model: args.model, mac: args.mac };
  let running: Running | null = null;
  let reports: Reports | null = null;
  const leases = options.leases ?? createLeases({ model: args.model });
  const store = createSettingsStore(
    { config: args.config, stateDir: args.state, device, leases: leases.read },
    (next) => {
      running?.phone.input({ kind: 'configure', settings: next.settings });
      running?.media.settings(next.settings.sound);
      lockTest(options.panel, next);
      reports?.configured();
    },
  );
  const token = await readToken(args.apiTokenFile);
  if (!token.ok) return token;
  const taken = await refusedSockets(args);
  if (taken !== null) return fail(taken);
  const state = await openState(args.state);
  if (!state.ok) return state;
  const glass = createGlass();
  // Read when the folder is open: one that begins anew has no settings of its own any more.
  const effective = await store.read();
  const keepKey = (wish: KeyWish): Promise<Result<unknown, string>> =>
    store.change((current) => speedDialChanges(current, wish));
  const onDesk = { ...behind(glass, options), keepKey };
  const started = effective.ok ? await startOn(state.value, args, effective.value, onDesk) : effective;
  if (!started.ok) {
    // Nothing ran: the mark of an unclean end stays as it was found.
    await state.value.close({ clean: !state.value.unclean });
    return started;
  }
  running = started.value;
  if (effective.ok) lockTest(options.panel, effective.value);
  const { phone, media, audio, trace } = started.value;
  options.panel?.onTrouble((part, trouble) => {
    phone.tell(boardProblem(part, trouble));
    phone.input({ kind: 'board', part, trouble });
  });
  // With --dns nobody else is asked (rules 2).
  if (args.dns.length === 0)
    void phone.ended.then(watchNameServers((nameServers) => phone.input({ kind: 'name-servers', nameServers })));
  const mount = (web: WebServer): unknown => options.mount?.(web, { phone, media, audio });
  let again = false;
  const restart = (): void => {
    again = true;
    void phone.stop();
  };
  const rounds = provision({ args, store, leases, phone, restart, version: VERSION });
  const bench = benchOf(options.panel, phone);
  const web = await startWeb({ args, token: token.value, phone, store, glass, mount, restart, trace, rounds, bench });
  if (!web.ok) {
    await phone.stop();
    return web;
  }
  const { http = null, https = null } = web.value ?? {};
  reports = report({ args, store, phone, version: VERSION });
  options.panel?.devices.hook?.onHook(reports.hook);
  phone.events.open({ http, https });
  const set = (name: string, value: string): Promise<Result<null, string>> => setParameter(store, name, value);
  return ok({
    phone,
    media,
    audio,
    panel: options.panel,
    web: web.value?.web ?? null,
    http,
    https,
    password: web.value?.password ?? null,
    again: () => again,
    set,
  });
}

/** The test may learn the handset's switch anew: it is no way round the password of the Options key. */
const lockTest = (panel: Panel | null, { settings }: EffectiveSettings): void =>
  panel?.devices.selfTest?.lock(settings.desk.optionsLock === null ? 'off' : 'on');

/** The hardware test of a board that has one; calls come before it. */
function benchOf(panel: Panel | null, phone: RunningPhone): Bench | null {
  const test = panel?.devices.selfTest;
  if (panel === null || test === undefined) return null;
  const up = new Set<string>();
  phone.events.subscribe(({ event }) => {
    if (event.event !== 'call') return;
    if (event.state === 'ended') up.delete(event.id);
    else up.add(event.id);
    test.calls(up.size > 0);
  });
  return { test, rig: panel.rig };
}

/** The board's screen with the first password put in on the way. */
function behind(glass: Glass, options: ComposeOptions): ComposeOptions {
  const { panel } = options;
  if (panel?.devices.display === undefined) return options;
  return { ...options, panel: { ...panel, devices: { ...panel.devices, display: glass.over(panel.devices.display) } } };
}

const TROUBLES: Readonly<Record<BoardTrouble, string>> = { silent: 'stopped answering', held: 'is held down' };

const boardProblem = (part: string, trouble: BoardTrouble | null): PhoneEvent => ({
  event: 'problem',
  file: '',
  line: 0,
  parameter: '',
  message: `the board's ${part} ${trouble === null ? 'is well again' : TROUBLES[trouble]}`,
});

interface Running {
  readonly phone: RunningPhone;
  readonly media: Media;
  readonly trace: Trace;
  readonly audio: DeskAudio | null;
}

/** Without a panel nobody says where sound goes. */
const NO_DESK: DeskSound = { path: 'handset', tone: null, ring: 'off', microphone: 'open', volume: VOLUME };

async function startOn(
  state: StateFolder,
  args: RunArgs,
  effective: EffectiveSettings,
  options: ComposeOptions & Required<Pick<RunOptions, 'keepKey'>>,
): Promise<Result<Running, string>> {
  const level = process.env['HOLDFAST_LOG'] ?? options.logLevel ?? 'warn';
  if (!isLogLevel(level)) return fail(`HOLDFAST_LOG: "${level.slice(0, 40)}" is not one of ${LOG_LEVELS.join(', ')}`);
  const log = createLog(level);
  const lost = (code: string): void => log.error({ code }, 'recording-lost');
  const recording = args.record === null ? null : await openRecording(args.record, lost);
  if (recording !== null && !recording.ok) return recording;
  const sip = { address: args.bind, port: effective.settings.localPort };
  const tls = await readTlsFiles(effective.settings.tls, args.config, args.state);
  const { newWorker, audio } = soundOf(options.card ?? { kind: 'none' });
  const media = await startMedia({
    newWorker,
    binds: bindsOf(args.bind),
    ...{ portBase: effective.settings.sound.rtpPort, portCount: CALLS_MAX },
    settings: effective.settings.sound,
    sound: options.panel === null ? NO_DESK : null,
  });
  const trace = createTrace(createClock().wallMs);
  try {
    const phone = await startPhone({
      effective,
      trace,
      media,
      keepKey: options.keepKey,
      bind: args.bind,
      nameServers: args.dns.length > 0 ? args.dns : systemNameServers(),
      // With --dns nobody else is asked, the hosts file included (rules 2).
      hosts: args.dns.length > 0 ? {} : await readHosts(),
      newXmlFetch: (input) =>
        createXmlFetch({
          ...{ input, lookup: lookupBy(args.dns), authorities: () => tls.files.authorities },
          userAgent: { named: xmlUserAgent(args, VERSION), anonymous: `Aastra${args.model} V:${VERSION}-SIP` },
        }),
      tls,
      state,
      log,
      devices: options.panel?.devices ?? {},
      version: VERSION,
      seed: args.seed,
      recording: recording?.value ?? null,
    });
    return ok({ phone, media, audio, trace });
  } catch (error) {
    await media.close();
    await recording?.value.close();
    return fail(`SIP socket ${endpointText(sip)}: ${socketProblem(error)}`);
  }
}

/** Sets one parameter in local.cfg; a bad value changes nothing. */
async function setParameter(store: SettingsStore, name: string, value: string): Promise<Result<null, string>> {
  // Read as a line of a file would be, so that a quoted value means the same.
  const [entry] = parseCfg(`${name}: ${value}`).entries;
  const found = entry === undefined ? null : findParameter(entry.name);
  if (entry === undefined || found === null) return fail(`"${name}" is not a parameter`);
  const read = readParameter(found.parameter, entry.value);
  if (!read.ok) return fail(`"${name}": expected ${read.error}`);
  const changed = await store.change(({ effective }) => {
    const held = effective.get(entry.name);
    return held?.locked === true
      ? fail(`"${name}" is locked by ${held.from}`)
      : ok([{ name: entry.name, value: entry.value }]);
  });
  return changed.ok ? ok(null) : changed;
}
