/**
 * Owns `server.cfg`: what the configuration server gave, file after file in the order in which they count, kept as one file so that a
 * power cut leaves a whole set. Read by the syntax of every file it means the same; heads between say which file a line is from.
 */

export interface ServerFile {
  /** As the server calls it. */
  readonly name: string;
  readonly text: string;
}

/** What is asked for, the later counts (original-phone 2). */
export const fileNames = ({ model, mac }: { readonly model: string; readonly mac: string }): readonly string[] => [
  'aastra.cfg',
  `${model}.cfg`,
  `${mac}.cfg`,
];

/** The vendor's encrypted form of a file. */
export const encryptedName = (name: string): string => name.replace(/\.cfg$/, '.tuz');

const TITLE =
  '# server.cfg: what the configuration server gave, file after file; of two lines with one name the later counts.';
const headOf = ({ name, text }: ServerFile): string => `# --- ${linesOf(text).length} lines of ${name}`;

export const packed = (files: readonly ServerFile[]): string =>
  [TITLE, ...files.flatMap((file) => [headOf(file), ...linesOf(file.text)])].map((line) => `${line}\n`).join('');

/** The files again, of nothing none; where somebody has edited it, it is one file of its own name. */
export function unpacked(text: string): readonly ServerFile[] {
  if (text === '') return [];
  const whole = [{ name: 'server.cfg', text }];
  const lines = linesOf(text);
  if (lines[0] !== TITLE) return whole;
  const files: ServerFile[] = [];
  for (let at = 1; at < lines.length; ) {
    const [, count, name] = /^# --- (\d{1,7}) lines of ([\w.]{1,40})$/.exec(lines[at] ?? '') ?? [];
    const end = at + 1 + Number(count);
    if (name === undefined || end > lines.length) return whole;
    files.push({
      name,
      text: lines
        .slice(at + 1, end)
        .map((line) => `${line}\n`)
        .join(''),
    });
    at = end;
  }
  return files;
}

/** The end of the last line begins no further one. */
function linesOf(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** Why a file is none of configuration; null = it may be one. */
export function unusable(text: string): string | null {
  if (text.includes('\0') || controlShare(text) > CONTROL_SHARE_MAX)
    return 'is not text: an encrypted file cannot be read, put the plain .cfg on the server';
  return /^\s*<(!doctype|html|\?xml|head|body)/i.test(text) ? 'is a web page, not a configuration file' : null;
}

const CONTROL_SHARE_MAX = 0.05;

function controlShare(text: string): number {
  let strange = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if ((code < BLANK && code !== TAB && code !== LF && code !== CR) || code === DELETE) strange += 1;
  }
  return text === '' ? 0 : strange / text.length;
}

const [TAB, LF, CR, BLANK, DELETE] = [9, 10, 13, 32, 127];
