/** What notifiers say of waiting messages, in the shapes of Asterisk, FreeSWITCH, Kamailio and BroadSoft (RFC 3842 5.2; conformance H13). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readMessageSummary } from '../../../../firmware/subscription/message-summary.ts';

const read = (...lines: readonly string[]): unknown => {
  const result = readMessageSummary(lines.join('\r\n'));
  return result.ok ? result.value : result.error;
};

describe('a message summary', () => {
  it('says whether messages wait, and how many are new and old', () => {
    const counted = { waiting: true, new: 4, old: 8 };
    assert.deepEqual(
      read('Messages-Waiting: yes', 'Message-Account: sip:200@pbx.test', 'Voice-Message: 4/8 (1/2)', ''),
      counted,
    );
    assert.deepEqual(read('Messages-Waiting: yes', 'Voice-Message: 4/8 (0/0)', '', ''), counted);
    assert.deepEqual(read('MESSAGES-WAITING:YES', 'voice-message : 4 / 8(0/0)'), counted);
    assert.deepEqual(read('Messages-Waiting: no', 'Voice-Message: 0/0'), { waiting: false, new: 0, old: 0 });
  });

  it('need not count', () => {
    assert.deepEqual(read('Messages-Waiting: yes'), { waiting: true, new: null, old: null });
    assert.deepEqual(read('Messages-Waiting: yes', 'Voice-Message: many/8'), { waiting: true, new: null, old: null });
  });

  it('of other classes counts no voice messages; headers behind the blank line are no harm', () =>
    assert.deepEqual(
      read('Messages-Waiting: yes', 'Fax-Message: 3/1', '', 'To: <alice@pbx.test>', 'Voice-Message: x'),
      {
        ...{ waiting: true, new: null, old: null },
      },
    ));

  it('bears line feeds alone, and the first of two that contradict', () =>
    assert.deepEqual(readMessageSummary('Messages-Waiting: no\nMessages-Waiting: yes\nVoice-Message: 0/2\n'), {
      ok: true,
      value: { waiting: false, new: 0, old: 2 },
    }));

  it('that is empty changes nothing', () => {
    for (const body of ['', '\r\n', '  \n']) assert.deepEqual(readMessageSummary(body), { ok: true, value: null });
  });

  it('that does not say whether any wait is none', () => {
    for (const body of ['Voice-Message: 1/0', 'Messages-Waiting: perhaps', '<xml/>'])
      assert.equal(readMessageSummary(body).ok, false, body);
  });

  it('counts within 32 bits', () =>
    assert.deepEqual(read('Messages-Waiting: yes', 'Voice-Message: 99999999999/1'), {
      ...{ waiting: true, new: 4_294_967_295, old: 1 },
    }));

  it('no text makes it throw or take long', () => {
    fc.assert(fc.property(fc.string({ maxLength: 400 }), (text) => void readMessageSummary(text)));
    readMessageSummary(`Messages-Waiting: yes\n${' '.repeat(60_000)}`);
    readMessageSummary(`${'a: b\n'.repeat(10_000)}`);
  });
});
