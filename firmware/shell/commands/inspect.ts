/** Owns `holdfast inspect`: reads SIP messages as an idle phone would, and says what it would do (interfaces 2). */
import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Result } from '../../kernel/result.ts';
import { fail, ok } from '../../kernel/result.ts';
import { frameAt } from '../../sip/message/frame.ts';
import type { SipMessage } from '../../sip/message/message.ts';
import { parseMessage } from '../../sip/message/parse.ts';
import type { Judgement } from '../../sip/message/verdict.ts';
import { judge } from '../../sip/message/verdict.ts';
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

/** Where the command reads `-` from and writes to. */
export interface InspectStreams {
  readonly input: AsyncIterable<Uint8Array | string>;
  readonly output: { write(text: string): unknown };
  readonly errors: { write(text: string): unknown };
}

const TERMINAL: InspectStreams = { input: process.stdin, output: process.stdout, errors: process.stderr };

/** The exit code: 0 all well-formed, 1 some not, 2 wrong use. The output is JSON with or without `--json`. */
export async function runInspect(args: readonly string[], streams: InspectStreams = TERMINAL): Promise<number> {
  const options = { stream: { type: 'boolean' }, json: { type: 'boolean' } } as const;
  let files: readonly string[];
  let stream: boolean;
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    files = parsed.positionals;
    stream = parsed.values.stream ?? false;
  } catch (error) {
    return misused((error as Error).message.split('\n', 1)[0] ?? '', streams);
  }
  if (files.length === 0) return misused('a FILE is needed', streams);
  let allOk = true;
  for (const file of files) {
    const octets = file === '-' ? streams.input : createReadStream(file);
    for (const row of rowsOf(file, await readBounded(octets), { stream })) {
      streams.output.write(`${JSON.stringify(row)}\n`);
      allOk &&= row.ok;
    }
  }
  return allOk ? 0 : 1;
}

function misused(why: string, { errors }: InspectStreams): number {
  errors.write(`holdfast inspect: ${why}\n${USAGE}\n`);
  return 2;
}

/** The octets as latin-1 text. A device or a pipe may never end, so reading stops at the limit. */
async function readBounded(octets: InspectStreams['input']): Promise<Result<string, string>> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of octets) {
      chunks.push(Buffer.from(chunk as Uint8Array));
      length += chunk.length;
      if (length > INPUT_MAX_OCTETS) return fail(`has more than ${INPUT_MAX_OCTETS} octets`);
    }
  } catch (error) {
    return fail(`cannot be read (${codeOf(error)})`);
  }
  return ok(Buffer.concat(chunks).toString('latin1'));
}

function rowsOf(file: string, read: Result<string, string>, { stream }: { readonly stream: boolean }): readonly Row[] {
  if (!read.ok) return [rowOf(file, null, { ok: false, action: 'drop', respond: null, error: read.error })];
  return stream ? streamRows(file, read.value) : [datagramRow(file, read.value)];
}

function datagramRow(file: string, data: string): Row {
  const parsed = parseMessage(data);
  if (parsed.ok) return rowOf(file, parsed.value, judge(parsed.value));
  return rowOf(file, parsed.error.partial, judge(parsed.error));
}

/** One row for each message of a stream; after a message whose end is unknown, nothing more can be read (RFC 3261 18.3). */
function streamRows(file: string, data: string): readonly Row[] {
  const rows: Row[] = [];
  for (let at = 0; ; ) {
    const frame = frameAt(data, at);
    if (frame.kind === 'end') return rows;
    if (frame.kind !== 'message') {
      const judgement = judge(frame.error);
      // Of a message that is still coming nothing is known yet, so nothing is answered.
      const waiting = { ...judgement, action: 'drop', respond: null } as const;
      return [...rows, rowOf(file, frame.error.partial, frame.kind === 'broken' ? judgement : waiting)];
    }
    rows.push(datagramRow(file, frame.text));
    at = frame.end;
  }
}

const rowOf = (file: string, message: SipMessage | null, { ok: good, ...rest }: Judgement): Row => ({
  file,
  ok: good,
  kind: message?.kind ?? null,
  method: message?.kind === 'request' ? message.method : null,
  status: message?.kind === 'response' ? message.status : null,
  uri: message?.kind === 'request' ? message.uri : null,
  ...rest,
});
