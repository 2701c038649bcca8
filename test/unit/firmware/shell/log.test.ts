/** The log as a terminal and as the journal read it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const LOG = fileURLToPath(new URL('../../../../firmware/shell/log.ts', import.meta.url));

/** What a process that logs one line of each level wrote. */
function logged(env: Readonly<Record<string, string>>): readonly string[] {
  const program = `
    import { createLog } from ${JSON.stringify(LOG)};
    const log = createLog('debug');
    log.debug({}, 'a'); log.info({ n: 1 }, 'b'); log.warn({ password: 'hidden' }, 'c'); log.error({}, 'd <3>');`;
  const { stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return stderr.trim().split('\n');
}

describe('the log', () => {
  it('tells the journal how much each line matters, and leaves the time to it', () => {
    assert.deepEqual(logged({ JOURNAL_STREAM: '8:1' }), [
      '<7>{"level":"debug","name":"a"}',
      '<6>{"level":"info","n":1,"name":"b"}',
      '<4>{"level":"warn","password":"***","name":"c"}',
      '<3>{"level":"error","name":"d <3>"}',
    ]);
  });

  it('is plain JSON with times elsewhere', () => {
    const lines = logged({ JOURNAL_STREAM: '' });
    assert.equal(lines.length, 4);
    for (const line of lines) assert.equal(typeof (JSON.parse(line) as { time: number }).time, 'number');
  });
});
