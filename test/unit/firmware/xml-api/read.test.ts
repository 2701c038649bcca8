/** XML objects as applications of the original send them become screens, status lines and orders; what cannot be is said clearly. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InputScreen, MenuScreen, TextScreen } from '../../../../firmware/xml-api/objects.ts';
import { readObject, readRefresh } from '../../../../firmware/xml-api/read.ts';
import { readUri, withQuery } from '../../../../firmware/xml-api/uri.ts';

function read<T>(document: string): T {
  const object = readObject(document);
  assert.ok(object.ok, object.ok ? '' : object.error);
  return object.value as T;
}

const errorOf = (document: string): string => {
  const object = readObject(document);
  return object.ok ? 'taken' : object.error;
};

describe('a screen', () => {
  it('of text has its title, its rows and what it says of leaving it', () => {
    const screen = read<TextScreen>(
      '<?xml version="1.0" encoding="ISO-8859-1"?><AastraIPPhoneTextScreen destroyOnExit="yes" Timeout="10" LockIn="yes" ' +
        'cancelAction="http://a.test/c" GoodbyeLockInURI="http://a.test/g"><Title>News</Title><Text>One &amp; two\nthree</Text>' +
        '<SoftKey index="6"><Label>Exit</Label><URI>SoftKey:Exit</URI></SoftKey></AastraIPPhoneTextScreen>',
    );
    assert.deepEqual(
      screen.scroll.map(({ text }) => text),
      ['One & two', 'three'],
    );
    const { title, destroyOnExit, timeoutMs, lockIn, cancel, goodbye, beep } = screen;
    assert.deepEqual([title, destroyOnExit, timeoutMs, lockIn, beep], ['News', true, 10_000, true, false]);
    assert.deepEqual([cancel, goodbye], [readUri('http://a.test/c'), readUri('http://a.test/g')]);
    assert.deepEqual(screen.softkeys[5], { label: 'Exit', uri: { kind: 'softkey', act: 'exit' } });
    assert.equal(screen.softkeys[0], null);
  });

  it('stays 45 s without a key, a locked one and Timeout 0 for ever', () => {
    const timeout = (attributes: string): number | null =>
      read<TextScreen>(`<AastraIPPhoneTextScreen ${attributes}><Text>x</Text></AastraIPPhoneTextScreen>`).timeoutMs;
    assert.deepEqual(['', 'LockIn="yes"', 'Timeout="0"', 'LockIn="yes" Timeout="5"'].map(timeout), [
      45_000,
      null,
      null,
      5000,
    ]);
  });

  it('of formatted text keeps what stands above and below the block that scrolls', () => {
    const { header, scroll, footer } = read<TextScreen>(
      '<AastraIPPhoneFormattedTextScreen><Line Size="double" Align="center">Top</Line><Scroll Height="2"><Line>a</Line>' +
        '<Line Align="right">b</Line></Scroll><Line>End</Line></AastraIPPhoneFormattedTextScreen>',
    );
    assert.deepEqual(
      [header, scroll, footer].map((lines) => lines.map(({ text, align }) => `${align} ${text}`)),
      [['center Top'], ['left a', 'right b'], ['left End']],
    );
  });

  it('of a menu has items with addresses, numbers and selections; a base goes on until the next', () => {
    const menu = read<MenuScreen>(
      '<AastraIPPhoneTextMenu style="radio" defaultIndex="2"><Title>M</Title>' +
        '<MenuItem base="http://a.test/"><Prompt>One</Prompt><URI>one.xml</URI><Selection>s1</Selection></MenuItem>' +
        '<MenuItem><Prompt>Two</Prompt><URI>two.xml</URI><Dial line="2">300</Dial></MenuItem>' +
        '<MenuItem base=""><Prompt>Three</Prompt><URI>Dial:400</URI></MenuItem></AastraIPPhoneTextMenu>',
    );
    assert.deepEqual([menu.style, menu.first, menu.of], ['radio', 1, 'menu']);
    assert.deepEqual(
      menu.items.map(({ uri }) => uri),
      [readUri('http://a.test/one.xml'), readUri('http://a.test/two.xml'), { kind: 'dial', number: '400', line: null }],
    );
    assert.deepEqual(menu.items[1]?.dial, { kind: 'dial', number: '300', line: 2 });
    assert.equal(menu.items[0]?.selection, 's1');
  });

  it('of a menu keeps its first item within its items, its style, its digits, and where it goes before and after', () => {
    const menu = (attributes: string): MenuScreen =>
      read<MenuScreen>(
        `<AastraIPPhoneTextMenu ${attributes}><MenuItem><Prompt>A</Prompt></MenuItem><MenuItem><Prompt>B</Prompt></MenuItem></AastraIPPhoneTextMenu>`,
      );
    assert.deepEqual(
      ['', 'defaultIndex="0"', 'defaultIndex="2"', 'defaultIndex="9"', 'defaultIndex="x"'].map((at) => menu(at).first),
      [0, 0, 1, 1, 0],
    );
    assert.deepEqual(
      ['', 'style="none"', 'style="RADIO"', 'style="fancy"'].map((style) => menu(style).style),
      ['numbered', 'none', 'radio', 'numbered'],
    );
    const whole = menu(
      'numberLaunch="yes" previous="http://a.test/p" next="http://a.test/n" doneAction="http://a.test/d"',
    );
    assert.deepEqual(
      [whole.numberLaunch, whole.previous, whole.next, whole.done],
      [true, readUri('http://a.test/p'), readUri('http://a.test/n'), readUri('http://a.test/d')],
    );
    assert.equal(menu('').numberLaunch, false);
  });

  it('of a directory has numbers', () => {
    const menu = read<MenuScreen>(
      '<AastraIPPhoneDirectory next="http://a.test/2"><Title>D</Title><MenuItem><Prompt>Ada</Prompt><URI>(030) 123-45</URI></MenuItem></AastraIPPhoneDirectory>',
    );
    assert.deepEqual([menu.of, menu.items[0]?.uri], ['directory', { kind: 'dial', number: '03012345', line: null }]);
    assert.deepEqual(menu.next, readUri('http://a.test/2'));
  });

  it('of input has one field, or several', () => {
    const one = read<InputScreen>(
      '<AastraIPPhoneInputScreen type="number" password="yes"><Title>PIN</Title><Prompt>Key it</Prompt>' +
        '<URL>https://a.test/pin</URL><Parameter>pin</Parameter><Default>12</Default></AastraIPPhoneInputScreen>',
    );
    assert.deepEqual(one.fields, [
      { type: 'number', prompt: 'Key it', parameter: 'pin', value: '12', masked: true, editable: true },
    ]);
    const two = read<InputScreen>(
      '<AastraIPPhoneInputScreen type="string" defaultIndex="2"><URL>http://a.test/</URL>' +
        '<InputField type="dateInt"><Prompt>Day</Prompt><Parameter>d</Parameter></InputField>' +
        '<InputField editable="no"><Prompt>Name</Prompt><Parameter>n</Parameter></InputField></AastraIPPhoneInputScreen>',
    );
    assert.deepEqual(
      two.fields.map(({ type, editable }) => [type, editable]),
      [
        ['dateint', true],
        ['string', false],
      ],
    );
    assert.equal(two.first, 1);
  });
});

describe('status lines and orders', () => {
  it('are read with their session, index and time', () => {
    const status = readObject(
      '<AastraIPPhoneStatus Beep="yes"><Session>abc</Session><Message index="0">Hello</Message>' +
        '<Message index="1" type="alert" Timeout="5">Fire</Message><Message index="2" type="icon">x</Message></AastraIPPhoneStatus>',
    );
    assert.deepEqual(status.ok && status.value, {
      ...{ kind: 'status', session: 'abc', beep: true, exits: false },
      messages: [
        { index: 0, text: 'Hello', alertMs: null },
        { index: 1, text: 'Fire', alertMs: 5000 },
      ],
    });
    const execute = readObject(
      '<AastraIPPhoneExecute triggerDestroyOnExit="yes"><ExecuteItem URI="Led: softkey1=fastflash"/>' +
        '<ExecuteItem URI="Dial:300" interruptCall="no"/><ExecuteItem URI=""/></AastraIPPhoneExecute>',
    );
    assert.deepEqual(execute.ok && execute.value, {
      ...{ kind: 'execute', beep: false, exits: true },
      items: [
        { uri: { kind: 'led', key: 'softkey1', state: 'fast-flash' }, interruptsCall: true },
        { uri: { kind: 'dial', number: '300', line: null }, interruptsCall: false },
        { uri: { kind: 'none' }, interruptsCall: true },
      ],
    });
  });
});

describe('what is refused says why', () => {
  const cases: readonly (readonly [document: string, error: RegExp])[] = [
    ['', /no XML: no element/],
    ['<html/>', /<html> is no object of this phone/],
    ['<AastraIPPhoneImageScreen/>', /shows no images/],
    ['<AastraIPPhoneConfiguration/>', /settings are not taken by XML/],
    ['<AastraIPPhoneTextMenu/>', /a menu without an item/],
    [`<AastraIPPhoneTextMenu>${'<MenuItem/>'.repeat(31)}</AastraIPPhoneTextMenu>`, /more than 30 items/],
    ['<AastraIPPhoneInputScreen><URL>Dial:1</URL></AastraIPPhoneInputScreen>', /without an address/],
    ['<AastraIPPhoneInputScreen><URL>http://a.test/</URL></AastraIPPhoneInputScreen>', /without a parameter/],
    [`<AastraIPPhoneTextScreen><Text>${'x'.repeat(10_000)}</Text></AastraIPPhoneTextScreen>`, /more than 10000 octets/],
    [`${'<a>'.repeat(20)}`, /deeper than 16/],
    [
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><AastraIPPhoneTextScreen><Text>&x;</Text></AastraIPPhoneTextScreen>',
      /a document type is refused/,
    ],
    ['<AastraIPPhoneTextScreen><Text>&lol9;</Text></AastraIPPhoneTextScreen>', /an entity that is none of the five/],
  ];
  for (const [document, error] of cases)
    it(document.slice(0, 60) || 'nothing', () => assert.match(errorOf(document), error));
});

describe('an address', () => {
  it('is read by its word, in any case and with blanks: every one that the original has and this phone carries out', () => {
    for (const [text, read] of [
      ['Dial: 300', { kind: 'dial', number: '300', line: null }],
      ['DialLine:2:300', { kind: 'dial', number: '300', line: 2 }],
      ['Led: prgkey3=slowflash', { kind: 'led', key: 'prgkey3', state: 'slow-flash' }],
      ['LED: topsoftkey10=off', { kind: 'led', key: 'topsoftkey10', state: 'off' }],
      ['Led: softkey1=ON', { kind: 'led', key: 'softkey1', state: 'on' }],
      ['Command: Reset', { kind: 'restart' }],
      ['Command: FastReboot', { kind: 'restart' }],
      ['Command: NoOp', { kind: 'none' }],
      ['Command:', { kind: 'none' }],
      ['Command: ClearCallersList', { kind: 'clear', list: 'callers' }],
      ['Command: ClearRedialList', { kind: 'clear', list: 'redial' }],
      ['Command: ClearDirectory', { kind: 'clear', list: 'directory' }],
      ['SoftKey:Exit', { kind: 'softkey', act: 'exit' }],
      ['SoftKey:Submit', { kind: 'softkey', act: 'submit' }],
      ['SoftKey:Select', { kind: 'softkey', act: 'select' }],
      ['SoftKey:Dial', { kind: 'softkey', act: 'dial' }],
      ['SoftKey:Dial2', { kind: 'softkey', act: 'dial2' }],
      ['SoftKey:BackSpace', { kind: 'softkey', act: 'backspace' }],
      ['SoftKey:Dot', { kind: 'softkey', act: 'dot' }],
      ['SoftKey:ChangeCase', { kind: 'softkey', act: 'case' }],
      ['SoftKey:NumericAlpha', { kind: 'softkey', act: 'case' }],
    ] as const)
      assert.deepEqual(readUri(text), read, text);
    for (const text of ['Command: Lock', 'Command: Unlock', 'SoftKey:Nonsense', 'Led: softkey1=blue'])
      assert.equal(readUri(text).kind, 'refused', text);
  });

  it('that would listen to the room, press keys, erase settings or read files does nothing', () => {
    for (const uri of [
      ...[
        'RTPTx:192.0.2.9:4000',
        'RTPRx:192.0.2.9:4000:5',
        'RTPMTx:239.0.0.1:4000',
        'Key:Speaker',
        'Command: ClearLocal',
      ],
      ...['file:///etc/passwd', 'ftp://a/b', 'Wav.Play:http://a/b.wav', 'menu.xml', 'Led: line1=on', 'DialLine:12:300'],
      ...['Dial:3 0 0; rm', 'http://a.test/ b', `http://a.test/${'x'.repeat(600)}`],
    ])
      assert.equal(readUri(uri).kind, 'refused', uri);
  });

  it('takes parameters wherever its query stands', () => {
    assert.equal(withQuery('http://a/b', [['n', 'x y&z']]), 'http://a/b?n=x%20y%26z');
    assert.equal(withQuery('http://a/b?c=1#d', [['n', '\u00e4']]), 'http://a/b?c=1&n=%C3%A4#d');
    assert.equal(withQuery('http://a/b?', [['n', '\ud800']]), 'http://a/b?n=%EF%BF%BD');
  });

  it('of a refresh comes with seconds, at least one', () => {
    assert.deepEqual(readRefresh('0; url=http://a.test/x'), { afterMs: 1000, uri: 'http://a.test/x' });
    assert.deepEqual(readRefresh('3;URL="https://a.test/"'), { afterMs: 3000, uri: 'https://a.test/' });
    for (const header of ['3', 'x; url=http://a', '3; url=Dial:1']) assert.equal(readRefresh(header), null, header);
  });
});
