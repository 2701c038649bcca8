/** What notifiers say of calls, in the shapes of Asterisk, FreeSWITCH, Kamailio and BroadSoft (RFC 4235; conformance H15, H16). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DialogInfo, Watched } from '../../../../firmware/subscription/dialog-info.ts';
import { foldDialogs, presenceOf, readDialogInfo, takeOverOf } from '../../../../firmware/subscription/dialog-info.ts';

const read = (body: string): DialogInfo => {
  const info = readDialogInfo(body);
  return info.ok ? info.value : assert.fail(info.error);
};
const NAMESPACE = 'xmlns="urn:ietf:params:xml:ns:dialog-info"';

/** Written by us in the shape that each server is known for. */
const SHAPES = {
  'Asterisk, ringing': [
    `<?xml version="1.0"?>\n<dialog-info ${NAMESPACE} version="4" state="full" entity="sip:2002@pbx">\n<dialog id="2002" call-id="pickup-1" local-tag="l" remote-tag="r" direction="recipient">\n<remote><identity display="Ada">sip:2003@pbx</identity><target uri="sip:2003@pbx"/></remote><local><identity>sip:2002@pbx</identity><target uri="sip:2002@pbx"/></local>\n<state>early</state>\n</dialog>\n</dialog-info>\n`,
    'ringing',
  ],
  'Asterisk, on hold': [
    `<?xml version="1.0"?>\n<dialog-info ${NAMESPACE} version="5" state="full" entity="sip:2002@pbx">\n<dialog id="2002">\n<local><target uri="sip:2002@pbx"><param pname="+sip.rendering" pvalue="no"/></target></local><state>confirmed</state>\n</dialog>\n</dialog-info>\n`,
    'held',
  ],
  'Asterisk, nothing': [
    `<?xml version="1.0"?>\n<dialog-info ${NAMESPACE} version="6" state="full" entity="sip:2002@pbx">\n<dialog id="2002">\n<state>terminated</state>\n</dialog>\n</dialog-info>\n`,
    'idle',
  ],
  'FreeSWITCH, talking': [
    `<?xml version="1.0"?>\n<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="12" state="full" entity="sip:2002@fs">\n<dialog id="8d8f" direction="initiator">\n<state>confirmed</state>\n<local>\n<identity display="2002">sip:2002@fs</identity>\n<target uri="sip:2002@fs">\n<param pname="+sip.rendering" pvalue="yes"/>\n</target>\n</local>\n<remote>\n<identity display="2003">sip:2003@fs</identity>\n<target uri="sip:**2002@fs"/>\n</remote>\n</dialog>\n</dialog-info>\n`,
    'busy',
  ],
  'Kamailio, without a direction': [
    `<?xml version="1.0"?>\n<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="0" state="full" entity="sip:2002@k"><dialog id="a" call-id="b"><state>early</state></dialog></dialog-info>`,
    'ringing',
  ],
  'BroadSoft, two calls of which one is held': [
    `<?xml version="1.0" encoding="UTF-8"?><dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" xmlns:sa="urn:ietf:params:xml:ns:sa-dialog-info" version="0" entity="sip:2002@as" state="full"><dialog id="x1" direction="recipient"><state>confirmed</state><local><target uri="sip:2002@as"><param pname="+sip.rendering" pval="no"/></target></local></dialog><dialog id="x2" direction="initiator"><sa:appearance>2</sa:appearance><state>trying</state></dialog></dialog-info>`,
    'busy',
  ],
} as const;

describe('dialog-info', () => {
  for (const [shape, [body, presence]] of Object.entries(SHAPES))
    it(`${shape}: ${presence}`, () => {
      const folded = foldDialogs(null, read(body));
      assert.ok(folded !== 'gap' && folded !== 'old');
      assert.equal(presenceOf(folded.dialogs), presence);
    });

  it('tells who calls, what a pick-up needs, and the appearance', () => {
    const [dialog] = read(SHAPES['Asterisk, ringing'][0]).dialogs;
    assert.equal(dialog?.peer, 'sip:2003@pbx');
    assert.deepEqual([dialog?.callId, dialog?.localTag, dialog?.remoteTag], ['pickup-1', 'l', 'r']);
    const shared = read(SHAPES['BroadSoft, two calls of which one is held'][0]);
    assert.equal(shared.dialogs[1]?.appearance, 2);
  });

  it('tells how a ringing or held call is taken over, by what may stand in a header alone', () => {
    const body = SHAPES['Asterisk, ringing'][0];
    assert.deepEqual(takeOverOf(read(body).dialogs), {
      to: 'sip:2003@pbx',
      replaces: 'pickup-1;to-tag=r;from-tag=l',
    });
    for (const [from, to] of [
      ['call-id="pickup-1"', 'call-id="a&#13;&#10;X: y"'],
      ['local-tag="l"', 'local-tag="l;early-only"'],
      ['remote-tag="r"', ''],
      ['uri="sip:2003@pbx"', 'uri="http://pbx/"'],
      ['recipient', 'initiator'],
      ['early', 'confirmed'],
    ] as const)
      assert.equal(takeOverOf(read(body.replace(from, to)).dialogs), null, to);
    const held =
      '<state>confirmed</state><local><target uri="a"><param pname="+sip.rendering" pval="no"/></target></local>';
    const local = /<local>.*<\/local>/;
    assert.notEqual(takeOverOf(read(body.replace(local, '').replace('<state>early</state>', held)).dialogs), null);
  });

  const at = (version: number | null): Watched => ({
    version,
    dialogs: read(SHAPES['FreeSWITCH, talking'][0]).dialogs,
  });
  const partial = (version: number, dialogs = ''): DialogInfo =>
    read(`<dialog-info ${NAMESPACE} version="${version}" state="partial" entity="e">${dialogs}</dialog-info>`);
  const full = (version: string): DialogInfo =>
    read(`<dialog-info ${NAMESPACE} ${version} state="full" entity="e"></dialog-info>`);

  it('a partial one of the next number changes what it names', () => {
    const ended = foldDialogs(at(12), partial(13, '<dialog id="8d8f"><state>terminated</state></dialog>'));
    assert.deepEqual(ended, { version: 13, dialogs: [] });
    const more = foldDialogs(at(12), partial(13, '<dialog id="n" direction="recipient"><state>early</state></dialog>'));
    assert.ok(more !== 'gap' && more !== 'old');
    assert.equal(more.dialogs.length, 2);
    assert.equal(presenceOf(more.dialogs), 'ringing');
  });

  it('a gap before a partial one is noticed, and so is one without a beginning', () => {
    assert.equal(foldDialogs(at(12), partial(14)), 'gap');
    assert.equal(foldDialogs(null, partial(0)), 'gap');
  });

  it('a number that does not rise is old; a full one flushes, and may start again at 0 or have none', () => {
    assert.equal(foldDialogs(at(12), partial(12)), 'old');
    assert.equal(foldDialogs(at(12), full('version="11"')), 'old');
    assert.deepEqual(foldDialogs(at(12), full('version="20"')), { version: 20, dialogs: [] });
    assert.deepEqual(foldDialogs(at(12), full('version="0"')), { version: 0, dialogs: [] });
    assert.deepEqual(foldDialogs(at(12), full('')), { version: null, dialogs: [] });
  });

  it('what is no dialog-info is refused with a sentence', () => {
    for (const body of ['<presence/>', '<!DOCTYPE x><dialog-info/>', '', 'Messages-Waiting: yes'])
      assert.equal(readDialogInfo(body).ok, false, body);
  });
});
