/** Owns commands on standard input: framing, order, and an answer for each. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import type { PhoneEvent } from '../../../../firmware/events.ts';
import { startControl } from '../../../../firmware/shell/control.ts';

type ResultEvent = Extract<PhoneEvent, { event: 'result' }>;

interface Said {
  readonly results: readonly ResultEvent[];
  /** What the phone was told to do, in order. */
  readonly done: readonly string[];
}

/** Pieces of input as they arrive, then its end. */
function say(pieces: readonly string[], { keys = true } = {}): Promise<Said> {
  const results: ResultEvent[] = [];
  const done: string[] = [];
  const input = new PassThrough();
  return new Promise((resolve) => {
    startControl({
      input,
      tell: (event) => void (event.event === 'result' && results.push(event)),
      status: () => ({ fine: true }),
      setLink: (state) => void done.push(`link ${state}`),
      async set(name, value) {
        // Slower than what follows it: nothing may overtake.
        for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
        done.push(`set ${name}=${value}`);
        if (value === 'broken') throw new Error('the disk is gone');
        return value === 'bad' ? { ok: false, error: `${name}: no` } : { ok: true, value: null };
      },
      key: keys
        ? async (name, action, ms) => {
            done.push(`key ${name} ${action} ${ms}`);
            return 7;
          }
        : null,
      sound: {
        tone: (hz, ms) => void done.push(`tone ${hz} ${ms}`),
        level: async (hz) => ({ hz, dbfs: -13 }),
      },
      command: (id, command) => void done.push(`${id} ${JSON.stringify(command)}`),
      quit: () => {
        done.push('quit');
        resolve({ results, done });
      },
    });
    for (const piece of pieces) input.write(piece);
    input.end();
  });
}

describe('control over stdio', () => {
  it('answers each command with its id, in order', async () => {
    const { results, done } = await say(['#a set sip  Proxy IP:  "x: y" \n#b link down\nlink up\n#c status\n']);
    assert.deepEqual(results, [
      { event: 'result', id: 'a', ok: true },
      { event: 'result', id: 'b', ok: true },
      { event: 'result', id: null, ok: true },
      { event: 'result', id: 'c', ok: true, value: { fine: true } },
    ]);
    assert.deepEqual(done, ['set sip proxy ip="x: y"', 'link down', 'link up', 'quit']);
  });

  it('commands of calls go to the phone, which answers them itself', async () => {
    const { results, done } = await say([
      '#a dial 100\n#b dial sip:1@h line=2\nhangup\n#d hold call=C1\n#e resume\nanswer\ndnd on\nforward busy 300\nforward all off\n',
    ]);
    assert.deepEqual(results, []);
    assert.deepEqual(done, [
      'a {"verb":"dial","target":"100","line":null}',
      'b {"verb":"dial","target":"sip:1@h","line":2}',
      'null {"verb":"hangup","call":null}',
      'd {"verb":"hold","call":"C1"}',
      'e {"verb":"resume","call":null}',
      'null {"verb":"answer","call":null}',
      'null {"verb":"dnd","state":"on"}',
      'null {"verb":"forward","when":"busy","to":"300"}',
      'null {"verb":"forward","when":"all","to":null}',
      'quit',
    ]);
  });

  it('a tone is said into the microphone, and the earpiece is listened to', async () => {
    const { results, done } = await say(['#a tone 1000 500\n#b level 1000\n']);
    assert.deepEqual(results, [
      { event: 'result', id: 'a', ok: true },
      { event: 'result', id: 'b', ok: true, value: { hz: 1000, dbfs: -13 } },
    ]);
    assert.deepEqual(done, ['tone 1000 500', 'quit']);
  });

  it('a command of calls that is not written so says how it is', async () => {
    const { results, done } = await say(['dnd\nforward all\nforward never 300\nanswer me\n']);
    assert.deepEqual(
      results.map(({ error }) => error),
      ['dnd on|off', ...Array<string>(2).fill('forward all|busy|noanswer TARGET|off'), 'answer [call=ID]'],
    );
    assert.deepEqual(done, ['quit']);
  });

  it('a command may come in pieces, with CR LF, with blanks, and without an end of line', async () => {
    const { results } = await say(['#1 sta', 'tus\r', '\n\n   #2   status   \n#3 sta', 'tus']);
    assert.deepEqual(
      results.map(({ id, ok }) => [id, ok]),
      [
        ['1', true],
        ['2', true],
        ['3', true],
      ],
    );
  });

  for (const [line, said] of [
    ['sing', 'unknown command "sing"'],
    ['#1', 'unknown command "#1"'],
    ['x'.repeat(4000), `unknown command "${'x'.repeat(40)}"`],
    ['x'.repeat(9999), 'a line of more than 4096 characters'],
    ['dial', 'dial TARGET [line=N]'],
    ['dial 100 line=10', 'dial TARGET [line=N]'],
    ['hold C1', 'hold [call=ID]'],
    ['subscribe presence 100', 'subscribe blf|list|bla|mwi TARGET [line=N]'],
    ['unsubscribe blf', 'unsubscribe blf|list|bla|mwi TARGET [line=N]'],
    ['link sideways', 'link "sideways": up or down'],
    ['set nothing', 'set PARAMETER: VALUE'],
    ['set a: bad', 'a: no'],
    ['set a: broken', 'the disk is gone'],
    ['tone 1000', 'tone HZ MS: up to 8000 and 60000'],
    ['tone 1000 0', 'tone HZ MS: up to 8000 and 60000'],
    ['tone 1000 1 1', 'tone HZ MS: up to 8000 and 60000'],
    ['level', 'level HZ: up to 8000'],
    ['level 8001', 'level HZ: up to 8000'],
    ['key nine', 'unknown key "nine"'],
    ['key 5 10', 'key 5 10: down, up, or from 60 to 60000 ms'],
    ['key 5 1e99', 'key 5 1e99: down, up, or from 60 to 60000 ms'],
    ['key 5 long', 'key 5 long: down, up, or from 60 to 60000 ms'],
  ] as const)
    it(`"${line.slice(0, 30)}" is refused, and what follows is heard`, async () => {
      const { results } = await say([`${line}\n#next status\n`]);
      assert.deepEqual(results[0], { event: 'result', id: null, ok: false, error: said });
      assert.equal(results[1]?.id, 'next');
    });

  it('presses keys of the board, and says that there are none', async () => {
    const { results, done } = await say(['key 5\nkey 6 down\nkey 6 up\nkey line1 500\n']);
    assert.deepEqual(done, ['key 5 press 80', 'key 6 down 0', 'key 6 up 0', 'key line1 press 500', 'quit']);
    assert.deepEqual(results[0], { event: 'result', id: null, ok: true, value: { at: 7 } });
    const without = await say(['key 5\n'], { keys: false });
    assert.equal(without.results[0]?.error, 'this board has no keys');
  });

  it('a line of 50 MB is refused without being kept, and what follows is heard', async () => {
    const { results } = await say([...Array<string>(800).fill('x'.repeat(65_536)), '\n#2 status\n']);
    assert.deepEqual(results, [
      { event: 'result', id: null, ok: false, error: 'a line of more than 4096 characters' },
      { event: 'result', id: '2', ok: true, value: { fine: true } },
    ]);
  });

  it('quit is answered, then carried out', async () => {
    const { results, done } = await say(['#9 quit\n']);
    assert.deepEqual([results, done], [[{ event: 'result', id: '9', ok: true }], ['quit']]);
  });
});
