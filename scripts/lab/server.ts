/** Owns one server of the lab through its lives: orders are carried out one after the other, a killed server can start anew. */
import type { Child } from './child.ts';
import type { Behaviour, FaultKind } from './faults.ts';
import type { Ask, Bindings } from './protocol.ts';

export interface FaultResult {
  readonly ok: boolean;
  readonly error?: string;
}

export interface LabServer {
  /** Of the process that serves now, or served last. */
  pid(): number;
  start(): Promise<void>;
  /** Returns when the fault is in force. */
  fault(kind: FaultKind, argument: number): Promise<FaultResult>;
  /** Asks this of the process that serves, and of each that follows it. */
  stand(ask: Ask): Promise<FaultResult>;
  /** Empty while no process serves. */
  bindings(): Promise<Bindings>;
  /** Asked where it serves; null where no process does, or it stands still. */
  ask(ask: Ask): Promise<Bindings | null>;
  /** Ends the process; nothing starts it again. */
  stop(): Promise<void>;
}

/** How a kind of server turns behaviours into its mode. */
export interface Modes<Mode> {
  readonly healthy: Mode;
  with(before: Mode, kind: Behaviour, argument: number): Mode;
  tell(child: Child, mode: Mode): Promise<unknown>;
}

export function createServer<Mode>(name: string, modes: Modes<Mode>, launch: () => Promise<Child>): LabServer {
  let child: Child | null = null;
  let pid = 0;
  let frozen = false;
  let stopped = false;
  let mode = modes.healthy;
  let standing: Ask | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const begin = async (): Promise<void> => {
    const started = await launch();
    child = started;
    pid = started.pid;
    frozen = false;
    mode = modes.healthy;
    if (standing !== null) await started.ask(standing);
    // Killed by an order, or ended by itself: either way it is gone.
    void started.gone.then(() => {
      if (child === started) child = null;
    });
  };
  const clear = async (): Promise<void> => {
    if (child === null) return begin();
    if (frozen) await child.thaw();
    if (frozen && standing !== null) await child.ask(standing);
    frozen = false;
    mode = modes.healthy;
    await modes.tell(child, mode);
  };
  const obey = async (kind: FaultKind, argument: number): Promise<FaultResult> => {
    if (stopped) return { ok: false, error: 'the lab has ended' };
    if (kind === 'clear') await clear();
    else if (kind === 'kill') await child?.kill();
    else if (child === null) return { ok: false, error: `${name} is killed: clear it first` };
    else if (kind === 'freeze') {
      await child.freeze();
      frozen = true;
    } else if (frozen) return { ok: false, error: `${name} is frozen: clear it first` };
    else if (kind === 'close' || kind === 'reset') await child.ask({ kind: 'cut', how: kind });
    else {
      mode = modes.with(mode, kind, argument);
      await modes.tell(child, mode);
    }
    return { ok: true };
  };

  return {
    pid: () => pid,
    start: () => inTurn(begin),
    fault: (kind, argument) =>
      inTurn(() => obey(kind, argument)).catch((error: Error) => ({ ok: false, error: error.message })),
    stand: (ask) =>
      inTurn(async () => {
        standing = ask;
        if (child !== null && !frozen) await child.ask(ask);
        return { ok: true };
      }).catch((error: Error) => ({ ok: false, error: error.message })),
    bindings: () =>
      inTurn(async () => {
        if (frozen && child !== null) throw new Error(`${name} is frozen: it cannot be asked`);
        return (await child?.ask({ kind: 'bindings' })) ?? {};
      }),
    ask: (ask) => inTurn(async () => (frozen || child === null ? null : child.ask(ask))),
    stop: () =>
      inTurn(async () => {
        stopped = true;
        await child?.kill();
      }),
  };
}
