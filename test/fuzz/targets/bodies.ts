/** Owns what holds for any body of a notification: reading returns, within bounds, and nothing of it defines anything (conformance L9). */
import assert from 'node:assert/strict';
import { parseXml, XML_LIMITS } from '../../../firmware/kernel/xml.ts';
import { foldDialogs, presenceOf, readDialogInfo } from '../../../firmware/subscription/dialog-info.ts';
import { readMessageSummary } from '../../../firmware/subscription/message-summary.ts';
import { foldList, LIST_LIMITS, readResourceList } from '../../../firmware/subscription/resource-list.ts';
import type { Chance } from '../chance.ts';
import { mutate } from '../mutate.ts';

const PIECES = [
  ...['<dialog-info version="1" state="full">', '</dialog-info>', '<dialog id="1" direction="recipient">', '</dialog>'],
  ...[
    '<state>early</state>',
    '<state>confirmed</state>',
    '<local>',
    '</local>',
    '<target uri="sip:a@b"/>',
    '<!-- c -->',
  ],
  ...['<!DOCTYPE a [<!ENTITY b "c">]>', '&b;', '&#x41;', '<?x y?>', '<![CDATA[z]]>', ' ', 'text', '<a b="', "'>"],
  ...['Messages-Waiting: yes\r\n', 'Voice-Message: 1/2 (3/4)\r\n'],
  ...['--b\r\n', '\r\n--b--\r\n', 'Content-Type: application/rlmi+xml\r\n\r\n', 'Content-ID: <c>\r\n', '\r\n\r\n'],
  ...['Content-Type: multipart/related;boundary=b\r\n', '<list version="1">', '</list>', '<resource uri="sip:a@b">'],
  ...['</resource>', '<instance id="1" state="active" cid="c"/>'],
];

export function checkBody(chance: Chance): string {
  const count = chance.below(30);
  const text = Array.from({ length: count }, () => chance.pick(PIECES)).join('');
  const whole = chance.odds(0.5) ? `<dialog-info version="1" state="partial">${text}</dialog-info>` : text;
  const body = chance.odds(0.5) ? mutate(whole, PIECES, chance) : whole;
  const xml = parseXml(body);
  if (xml.ok) assert.ok(!/<!DOCTYPE|<!ENTITY|<\?x|CDATA/.test(body.replaceAll(/<!--[\s\S]*?-->/g, '')), 'it was taken');
  assert.ok(!xml.ok || body.length <= XML_LIMITS.octets);
  const info = readDialogInfo(body);
  if (info.ok) {
    const folded = foldDialogs(null, info.value);
    if (folded !== 'gap' && folded !== 'old') {
      assert.ok(folded.dialogs.length <= 64);
      assert.equal(presenceOf(folded.dialogs) === 'idle', folded.dialogs.length === 0);
    }
  }
  readMessageSummary(body);
  const list = readResourceList('multipart/related;boundary=b', body);
  const listed = list.ok ? foldList(null, list.value) : null;
  if (listed !== null && typeof listed !== 'string') assert.ok(listed.entries.length <= LIST_LIMITS.resources);
  return info.ok ? 'dialog-info' : xml.ok ? 'other' : 'refused';
}
