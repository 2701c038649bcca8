/**
 * Owns what the service manager is told of the phone: that it serves, that it is alive, that it ends (sd_notify(3)). Node has no
 * datagrams over Unix sockets, and a package for them would bring native code: `systemd-notify` of systemd itself sends them.
 */
import { execFile } from 'node:child_process';

export interface Service {
  /** The phone serves; from here on the watchdog is fed, as long as the event loop turns. Again after a restart within the process. */
  ready(): void;
  stopping(): void;
}

/** Sends one state; a manager that cannot be reached is no reason to stop serving. */
type Send = (args: readonly string[]) => void;

const SEND_LIMIT_MS = 10_000;
/** Beats in the time that the manager allows: two may be lost. */
const BEATS = 3;
const MICROS_PER_MS = 1000;

const sendBySystemd: Send = (args) => {
  execFile('systemd-notify', [...args], { timeout: SEND_LIMIT_MS }, () => undefined).unref();
};

/** Null where no manager asks. */
export function openService(env: NodeJS.ProcessEnv = process.env, send: Send = sendBySystemd): Service | null {
  if ((env['NOTIFY_SOCKET'] ?? '') === '') return null;
  const limitMs = watchdogMs(env);
  let fed = false;
  return {
    ready() {
      send(['--ready']);
      if (limitMs === null || fed) return;
      fed = true;
      setInterval(() => send(['WATCHDOG=1']), limitMs / BEATS).unref();
    },
    stopping() {
      send(['--stopping']);
    },
  };
}

/** How long the manager waits for a beat, ms; null = for ever. The number is for the process that is named beside it (sd_watchdog_enabled(3)). */
function watchdogMs(env: NodeJS.ProcessEnv): number | null {
  const micros = Number(env['WATCHDOG_USEC'] ?? '');
  const forUs = (env['WATCHDOG_PID'] ?? String(process.pid)) === String(process.pid);
  return forUs && Number.isFinite(micros) && micros > 0 ? micros / MICROS_PER_MS : null;
}
