/** The panel in a terminal: as wide as it, and nothing that comes from outside gives it orders. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { createVirtualPanel } from '../../../boards/virtual/panel.ts';
import { drawing } from '../../../boards/virtual/tui.ts';
import type { PhoneStatus } from '../../../firmware/status.ts';

const STATUS: PhoneStatus = {
  ...{ profile: 'modern', model: '57i', version: 'test', uptime: 7, link: 'up' },
  ...{ lines: [], subscriptions: [], targets: [], dns: [] },
};

describe('the panel in a terminal', () => {
  it('is as wide as it, and shows the orders of others as question marks', () => {
    const panel = createVirtualPanel('57i');
    const text = `DNS A \u001b]0;owned\u0007\u001b[2J.example: nxdomain ${'x'.repeat(300)}`;
    const host = {
      status: () => STATUS,
      decisions: () => [{ t: 40, line: null, text, severity: 'bad' as const }],
      onChange: () => () => undefined,
    };
    const output = Object.assign(new PassThrough(), { columns: 100, rows: 40 });
    const rows = drawing({ rig: panel.rig, host, faults: null, output }, { help: false, note: '' });
    panel.stop();
    assert.ok(rows.some((row) => row.includes('DNS A ?]0;owned??[2J.example')));
    assert.ok(rows.every((row) => row.length <= 100 && !/\p{Cc}/u.test(row)));
  });
});
