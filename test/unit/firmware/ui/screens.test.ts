/** What stands on both displays in each state of a call that goes out: golden rows, blank ones and rules left out. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PanelDesk } from '../../../support/panel-desk.ts';
import { snapshot } from '../../../support/snapshot.ts';

interface Golden {
  readonly title: string;
  readonly does: (desk: PanelDesk) => unknown;
  readonly large: readonly string[];
  readonly small: readonly string[];
}

const HEAD = ' Line 1  2001 Reception';
const dialled = (desk: PanelDesk): PanelDesk =>
  desk.press('2', '0', '0').hook('off').take({ kind: 'placed', call: 'C1', line: null, number: '200' });
const row = (left: string, right: string): string => left.padEnd(60 - right.length - 1) + right;

const GOLDEN: readonly Golden[] = [
  {
    title: 'a number keyed on the hook',
    does: (desk) => desk.press('2', '0'),
    large: [HEAD, ' 20_', ' Lift the handset, or press Dial', 'Dial      Erase     Cancel'],
    small: ['20_', 'Lift to send'],
  },
  {
    title: 'the handset lifted',
    does: (desk) => desk.hook('off'),
    large: [HEAD, ' _', ' Key a number', 'Cancel'],
    small: ['_', '# to send'],
  },
  {
    title: 'a number keyed with the handset lifted',
    does: (desk) => desk.hook('off').press('2', '0'),
    large: [HEAD, ' 20_', ' Press # or Dial to send it now', 'Dial      Erase     Cancel'],
    small: ['20_', '# to send'],
  },
  {
    title: 'a number that cannot be dialled',
    does: (desk) => desk.hook('off').press('#'),
    large: [HEAD, ' #', ' Not in the dial plan', 'Erase     Cancel'],
    small: ['#', 'Not in the dial', 'plan'],
  },
  {
    title: 'a call before any server has been chosen',
    does: dialled,
    large: [HEAD, row(' Calling', '0:00'), '   200', 'Drop'],
    small: ['200', 'Calling     0:00'],
  },
  {
    title: 'the main server asked',
    does: (desk) => dialled(desk).call('C1', 'out', 'dialing', { server: 'primary' }),
    large: [HEAD, row(' Calling', '0:00'), '   200', ' Trying main\u2026', 'Drop'],
    small: ['200', 'Calling     0:00', 'trying main'],
  },
  {
    title: 'sent elsewhere',
    does: (desk) =>
      dialled(desk)
        .call('C1', 'out', 'dialing', { server: 'primary' })
        .call('C1', 'out', 'dialing', { sentTo: '300' })
        .call('C1', 'out', 'dialing', { sentTo: '300', server: 'primary' }),
    large: [HEAD, row(' Calling', '0:00'), '   200', '   Forwarded to 300', ' Trying main\u2026', 'Drop'],
    small: ['200', 'Calling     0:00', 'to 300'],
  },
  {
    title: 'the backup asked',
    does: (desk) =>
      dialled(desk)
        .call('C1', 'out', 'dialing', { server: 'primary' })
        .pass(2000)
        .call('C1', 'out', 'dialing', { server: 'backup' }),
    large: [HEAD, row(' Calling', '0:02'), '   200', ' Trying main\u2026 trying backup\u2026 (0:02)', 'Drop'],
    small: ['200', 'Calling     0:02', 'trying backup'],
  },
  {
    title: 'ringing',
    does: (desk) => dialled(desk).call('C1', 'out', 'ringing', { server: 'primary' }),
    large: [HEAD, row(' Ringing', '0:00'), '   200', ' Through the main server', 'Drop'],
    small: ['200', 'Ringing     0:00'],
  },
  {
    title: 'connected, counted from the answer',
    does: (desk) =>
      dialled(desk)
        .call('C1', 'out', 'ringing', { server: 'backup' })
        .pass(9000)
        .call('C1', 'out', 'connected', { server: 'backup' })
        .pass(62_000),
    large: [
      HEAD,
      row(' Connected', '1:02'),
      '   200',
      ' Through the backup server',
      'Drop      Hold      Xfer      Conf      New call',
    ],
    small: ['200', 'Connected   1:02', 'on backup'],
  },
  {
    title: 'encrypted, through the backup server',
    does: (desk) => dialled(desk).call('C1', 'out', 'connected', { server: 'backup', encrypted: true }),
    large: [
      HEAD,
      row(' Connected', '0:00'),
      '   200',
      ' Through the backup server, encrypted',
      'Drop      Hold      Xfer      Conf      New call',
    ],
    small: ['200', 'Connected   0:00', 'backup encrypted'],
  },
  {
    title: 'encrypted, and it came in',
    does: (desk) => desk.call('C1', 'in', 'ringing').call('C1', 'in', 'connected', { encrypted: true }),
    large: [
      HEAD,
      row(' Connected', '0:00'),
      '   200',
      ' Encrypted',
      'Drop      Hold      Xfer      Conf      New call',
    ],
    small: ['200', 'Connected   0:00', 'encrypted'],
  },
  {
    title: 'held, and still counted',
    does: (desk) => dialled(desk).call('C1', 'out', 'connected').pass(5000).call('C1', 'out', 'held').pass(5000),
    large: [HEAD, row(' On hold', '0:10'), '   200', 'Drop      Resume    Xfer      Conf      New call'],
    small: ['200', 'On hold     0:10'],
  },
  {
    title: 'refused',
    does: (desk) => dialled(desk).call('C1', 'out', 'ended', { cause: 'failed', code: 404 }),
    large: [HEAD, ' 200: No such number (404)', 'Cancel'],
    small: ['200: No such', 'number (404)'],
  },
  {
    title: 'no server at all',
    does: (desk) => dialled(desk).call('C1', 'out', 'ended', { cause: 'failed' }),
    large: [HEAD, ' 200: No server answers', 'Cancel'],
    small: ['200: No server', 'answers'],
  },
];

describe('on the displays', () => {
  for (const { title, does, large, small } of GOLDEN)
    it(title, () => {
      for (const model of ['57i', '53i'] as const) {
        const desk = new PanelDesk(snapshot({}, { model }));
        does(desk);
        assert.deepEqual(desk.rows(), model === '57i' ? large : small);
      }
    });
});

it('each way in which a call ends has its words and its tone', () => {
  const endings = [
    [{ cause: 'busy', code: 486 }, '200: Busy', 'busy'],
    [{ cause: 'declined', code: 603 }, '200: Declined', 'busy'],
    [{ cause: 'no-answer' }, '200: No answer', 'reorder'],
    [{ cause: 'failed', code: 403 }, '200: Not allowed (403)', 'reorder'],
    [{ cause: 'failed', code: 480 }, '200: Not available (480)', 'reorder'],
    [{ cause: 'failed', code: 484 }, '200: The number is too short (484)', 'reorder'],
    [{ cause: 'failed', code: 500 }, '200: The call failed (500)', 'reorder'],
    [{ cause: 'remote' }, '200: Call ended', null],
  ] as const;
  for (const [end, words, tone] of endings) {
    const desk = dialled(new PanelDesk()).call('C1', 'out', 'ended', end);
    assert.ok(desk.rows().includes(` ${words}`), words);
    assert.equal(desk.sound().tone, tone);
  }
});

it('a phone without a line says so, and opens nothing', () => {
  for (const key of ['speaker', 'line1'] as const) {
    const desk = new PanelDesk(snapshot({}, {}, { lines: [] })).press(key);
    assert.ok(desk.rows().includes(' No line is configured'));
    assert.equal(desk.sound().path, 'off');
  }
});

describe('the pages of the phone, until somebody has logged in with the first password', () => {
  const pages = { url: 'https://0.0.0.0:8443/', fingerprint: `${'AB:'.repeat(31)}CD` } as const;
  const place = '*'.repeat(12);

  for (const model of ['57i', '53i'] as const)
    it(`${model}: where they are, and a place for the password, which the core does not know`, () => {
      const desk = new PanelDesk(snapshot({}, { model }));
      desk.take({ kind: 'web-pages', pages: { ...pages, firstLogin: 'due' } });
      const due =
        model === '57i' ? [' Web pages: https://192.0.2.100:8443/', ` Name admin, password ${place}`] : [`pw ${place}`];
      for (const row of due) assert.ok(desk.rows().includes(row), `${row} in ${desk.rows().join('|')}`);
      desk.take({ kind: 'web-pages', pages: { ...pages, firstLogin: 'done' } });
      assert.ok(!desk.rows().join('\n').includes(place));
    });

  it('the status page says where they are, and the fingerprint that a browser should show', () => {
    const desk = new PanelDesk(snapshot());
    desk.take({ kind: 'web-pages', pages: { ...pages, firstLogin: 'done' } });
    desk.press('softkey6');
    const rows = desk.rows();
    assert.ok(rows.includes(' Web pages    https://192.0.2.100:8443/'), rows.join('\n'));
    assert.equal(rows.filter((row) => row.includes('AB AB')).length, 2);
  });
});

it('the lamp burns for the messages of the line that `mwi led line` names, or of any', () => {
  const messages = { waiting: true, new: 2, old: 0 };
  const lampWhere = (messageLine: number | null): string => {
    const view = snapshot({}, { desk: { ...snapshot().desk, messageLine } });
    const lines = view.status.lines.map((line) => ({ ...line, messages }));
    return new PanelDesk({ ...view, status: { ...view.status, lines } }).lamp('message');
  };
  assert.deepEqual([lampWhere(null), lampWhere(1), lampWhere(2)], ['on', 'on', 'off']);
});

it('a call whose line no server has goes on, and says so', () => {
  const text = ' No server has the line now; the call goes on';
  const call = (role: Parameters<typeof snapshot>[0]): boolean => {
    const desk = new PanelDesk(snapshot(role)).press('2', '0', '0').hook('off');
    return desk
      .take({ kind: 'placed', call: 'C1', line: null, number: '200' })
      .call('C1', 'out', 'connected')
      .rows()
      .includes(text);
  };
  assert.deepEqual([call({ state: 'waiting', server: null }), call({}), call(null)], [true, false, false]);
});
