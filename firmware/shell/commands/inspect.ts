/** Owns `holdfast inspect`: reads SIP messages as an idle phone would, and says what it would do (interfaces 2). */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { SipMessage } from '../../sip/message/message.ts';
import { parseMessage } from '../../sip/message/parse.ts';
import type { Judgement } from '../../sip/message/verdict.ts';
import { judge, judgeError } from '../../sip/message/verdict.ts';
import { codeOf } from '../errno.ts';

const USAGE = 'holdfast inspect [--stream] [--json] FILE... (- = standard input)';
const INPUT_MAX_OCTETS = 16 * 1_048_576;

interface Row extends Judgement {
  readonly file: string;
  readonly kind: 'request' | 'response' | null;
  readonly method: string | null;
  readonly status: number | null;
  readonly uri: string | null;
}

export async function runInspect(args: readonly string[]): Promise<number> {
  const options = { stream: { type: 'boolean' }, json: { type: 'boolean' } } as const;
  let files: readonly string[];
  let stream: boolean;
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    files = parsed.positionals;
    stream = parsed.values.stream ?? false;
  } catch (error) {
    process.stderr.write(`holdfast inspect: ${(error as Error).message.split('\n', 1)[0] ?? ''}\n${USAGE}\n`);
    return 2;
  }
  if (files.length === 0) {
    process.stderr.write(`holdfast inspect: a FILE is needed\n${USAGE}\n`);
    return 2;
  }
  let allOk = true;
  for (const file of files) {
    const rows = await inspectFile(file, stream);
    for (const row of rows) {
      process.stdout.write(`${JSON.stringify(row)}\n`);
      allOk &&= row.ok;
    }
  }
  return allOk ? 0 : 1;
}

async function inspectFile(file: string, stream: boolean): Promise<readonly Row[]> {
  let octets: Buffer;
  try {
    octets = file === '-' ? await readStdin() : await readFile(file);
  } catch (error) {
    return [unread(file, `cannot be read (${codeOf(error)})`)];
  }
  if (octets.length > INPUT_MAX_OCTETS)
    return [unread(file, `${octets.length} octets are more than ${INPUT_MAX_OCTETS}`)];
  const data = octets.toString('latin1');
  return stream ? splitStream(data).map((part) => rowOf(file, part)) : [rowOf(file, data)];
}

const unread = (file: string, error: string): Row => ({
  file,
  ok: false,
  kind: null,
  method: null,
  status: null,
  uri: null,
  action: 'drop',
  respond: null,
  error,
});

function rowOf(file: string, data: string): Row {
  const parsed = parseMessage(data);
  const message: SipMessage | null = parsed.ok ? parsed.value : parsed.error.partial;
  const judgement = parsed.ok ? judge(parsed.value) : judgeError(parsed.error);
  return {
    file,
    ok: judgement.ok,
    kind: message?.kind ?? null,
    method: message?.kind === 'request' ? message.method : null,
    status: message?.kind === 'response' ? message.status : null,
    uri: message?.kind === 'request' ? message.uri : null,
    action: judgement.action,
    respond: judgement.respond,
    error: judgement.error,
  };
}

/** The messages of a TCP stream: a head, then as many octets as Content-Length says; empty lines between are skipped (RFC 3261 7.5, 18.3). */
function splitStream(data: string): readonly string[] {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    while (data[at] === '\r' || data[at] === '\n') at += 1;
    if (at >= data.length) return parts;
    const end = /\r?\n\r?\n/g;
    end.lastIndex = at;
    const head = end.exec(data);
    const bodyAt = head === null ? data.length : head.index + head[0].length;
    const length = Number(
      /^(?:content-length|l)\s*:\s*(\d{1,9})\s*$/im.exec(data.slice(at, bodyAt))?.[1] ?? Number.NaN,
    );
    // Without a length the rest of a stream cannot be framed (RFC 3261 18.3).
    const stop = Number.isNaN(length) ? data.length : Math.min(data.length, bodyAt + length);
    parts.push(data.slice(at, stop));
    at = stop;
  }
}

async function readStdin(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
