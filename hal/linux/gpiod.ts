/**
 * Owns the lines of a GPIO chip on kernels that have the character device alone: the tools of libgpiod 2 hold them, a child process for
 * each line (docs/decisions/0003). No shell is between.
 */
import type { ChildProcess } from 'node:child_process';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { InputLine, Lines, OutputLine } from '../ports.ts';
import { MissingError } from './load.ts';

/** A tool that ended is started again, ms: with back-off, for a chip that is gone may come back. */
const AGAIN_FIRST_MS = 500;
const AGAIN_MAX_MS = 10_000;
/** Where no edges are told a process is started for each look, ms: slower than a poll of /sys, fast enough for a handset. */
const LOOK_MS = 100;
const TOOL_PATIENCE_MS = 5000;

/** `path` is where the tools are looked for. */
export function openGpiod(labels: readonly string[], path = process.env['PATH'] ?? ''): Lines {
  const tools = createTools(labels, { ...process.env, PATH: path });
  return {
    input: (line, { edges }) => (edges === 'where-told' ? watchedLine(tools, line) : polledLine(tools, line)),
    output: (line, first) => heldOutput(tools, line, first),
    close: tools.close,
  };
}

type Env = NodeJS.ProcessEnv;

interface Tools {
  readonly chip: string;
  /** Null = the chip cannot tell the level now. */
  lookNow(line: number): boolean | null;
  look(line: number, found: (level: boolean | null) => void): void;
  /** Keeps a tool running. */
  hold(args: readonly string[] | (() => readonly string[]), watch: Watch): Held;
  every(ms: number, work: (again: () => void) => void): void;
  close(): void;
}

interface Watch {
  /** What comes before each start after the first. */
  before(go: () => void): void;
  /** Each line that the tool says, and null when it has ended. */
  heard(line: string | null): void;
}

function createTools(labels: readonly string[], env: Env): Tools {
  const chip = chipOf(labels, env);
  const closers: (() => void)[] = [];
  let open = true;
  const levelOf = (told: string): boolean | null => (told.trim() === '1' ? true : told.trim() === '0' ? false : null);
  const lookArgs = (line: number): string[] => ['--numeric', '--chip', chip, String(line)];
  return {
    chip,
    lookNow(line) {
      try {
        return levelOf(execFileSync('gpioget', lookArgs(line), { env, encoding: 'utf8', timeout: TOOL_PATIENCE_MS }));
      } catch {
        return null;
      }
    },
    look: (line, found) =>
      void execFile('gpioget', lookArgs(line), { env, timeout: TOOL_PATIENCE_MS }, (error, told) =>
        found(error === null ? levelOf(told) : null),
      ),
    hold(args, watch) {
      const tool = keepRunning(typeof args === 'function' ? args : () => args, env, watch);
      closers.push(tool.end);
      return tool;
    },
    every(ms, work) {
      const next = (): void => {
        if (open) setTimeout(() => work(next), ms).unref();
      };
      next();
    },
    close() {
      open = false;
      for (const end of closers) end();
    },
  };
}

/** `gpiodetect` tells a chip a line: `gpiochip0 [pinctrl-bcm2835] (54 lines)`. */
function chipOf(labels: readonly string[], env: Env): string {
  let told: string;
  try {
    told = execFileSync('gpiodetect', [], { env, encoding: 'utf8', timeout: TOOL_PATIENCE_MS });
  } catch (error) {
    throw new MissingError(
      `this kernel has no /sys/class/gpio, and gpiodetect cannot be run (${(error as NodeJS.ErrnoException).code}): install gpiod`,
    );
  }
  const chips = [...told.matchAll(/^(\S+) \[(.*)\] \(\d+ lines\)$/gm)].map(([, name = '', own = '']) => ({
    name,
    own,
  }));
  const found = chips.find(({ own }) => labels.includes(own));
  if (found !== undefined) return found.name;
  throw new MissingError(
    `gpiodetect tells no GPIO chip "${labels.join(' or ')}" (there: ${chips.map(({ own }) => own).join(', ') || 'none'})`,
  );
}

interface Held {
  /** False: there is nobody to take it at the moment. */
  write(line: string): boolean;
  end(): void;
}

function keepRunning(args: () => readonly string[], env: Env, { before, heard }: Watch): Held {
  let child: ChildProcess | null = null;
  let timer: NodeJS.Timeout | null = null;
  let againMs = AGAIN_FIRST_MS;
  let over = false;
  function start(): void {
    if (over) return;
    const [command = '', ...rest] = args();
    const mine = spawn(command, rest, { env, stdio: ['pipe', 'pipe', 'ignore'] });
    child = mine;
    mine.stdin.on('error', () => undefined);
    createInterface({ input: mine.stdout }).on('line', (line) => {
      againMs = AGAIN_FIRST_MS;
      if (!over) heard(line);
    });
    const ended = (): void => {
      if (child !== mine) return;
      child = null;
      if (over) return;
      heard(null);
      timer = setTimeout(() => before(start), againMs).unref();
      againMs = Math.min(AGAIN_MAX_MS, 2 * againMs);
    };
    mine.once('error', ended).once('exit', ended);
  }
  start();
  return {
    write(line) {
      if (child === null) return false;
      child.stdin?.write(`${line}\n`);
      return true;
    },
    end() {
      over = true;
      if (timer !== null) clearTimeout(timer);
      child?.kill();
    },
  };
}

/** A level that is looked at, and then watched: a line that is watched cannot be looked at. */
function watchedLine(tools: Tools, line: number): InputLine {
  let level = tools.lookNow(line);
  const listeners: (() => void)[] = [];
  const monitor = ['gpiomon', '--chip', tools.chip, '--edges', 'both', '--format', '%E', String(line)];
  // By the line, for a tool that writes to a pipe keeps back what it has to say.
  tools.hold(['stdbuf', '-oL', ...monitor], {
    before: (go) =>
      tools.look(line, (found) => {
        level = found;
        go();
      }),
    heard(said) {
      level = said === 'rising' ? true : said === 'falling' ? false : null;
      if (level !== null) for (const listener of listeners) listener();
    },
  });
  return { read: () => level, onEdge: (listener) => void listeners.push(listener) };
}

function polledLine(tools: Tools, line: number): InputLine {
  let level = tools.lookNow(line);
  tools.every(LOOK_MS, (again) =>
    tools.look(line, (found) => {
      level = found;
      again();
    }),
  );
  return { read: () => level, onEdge: null };
}

/** A tool that was started again begins with the level that was set last. */
function heldOutput(tools: Tools, line: number, first: 'low' | 'high'): OutputLine {
  let high = first === 'high';
  const args = (): readonly string[] => [
    ...['gpioset', '--interactive', '--chip', tools.chip],
    `${line}=${high ? 1 : 0}`,
  ];
  const tool = tools.hold(args, { before: (go) => go(), heard: () => undefined });
  return {
    write(next) {
      high = next;
      return tool.write(`set ${line}=${high ? 1 : 0}`);
    },
  };
}
