/** The control verbs of calls as they are written, and the commands that they stand for. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CALL_VERBS, callCommand } from '../../../../firmware/shell/control-calls.ts';

for (const [verb, args, command] of [
  ['dial', '200', { verb: 'dial', target: '200', line: null }],
  ['dial', '200 line=3', { verb: 'dial', target: '200', line: 3 }],
  ['mute', '', { verb: 'mute', call: null }],
  ['hold', 'call=C2', { verb: 'hold', call: 'C2' }],
  ['dtmf', '12#A', { verb: 'dtmf', keys: '12#A', call: null }],
  ['dtmf', '5 call=C2', { verb: 'dtmf', keys: '5', call: 'C2' }],
  ['dtmf', '5x', null],
  ['transfer', '300', { verb: 'transfer', call: null, target: '300' }],
  ['transfer', 'sip:300@example.org', { verb: 'transfer', call: null, target: 'sip:300@example.org' }],
  ['transfer', 'call=C1', { verb: 'transfer', call: 'C1', target: null }],
  ['transfer', '', null],
  ['conference', 'call=C1', { verb: 'conference', call: 'C1' }],
  ['conference', 'C1', null],
  ['dnd', 'on', { verb: 'dnd', state: 'on' }],
  ['forward', 'busy off', { verb: 'forward', when: 'busy', to: null }],
  ['forward', 'noanswer 300', { verb: 'forward', when: 'noanswer', to: '300' }],
  ['forward', 'never 300', null],
  ['sing', '', null],
] as const)
  it(`"${verb} ${args}" is ${JSON.stringify(command)}`, () => assert.deepEqual(callCommand(verb, args), command));

it('each verb has words for who wrote it otherwise', () => {
  for (const verb of ['dial', 'transfer', 'conference', 'dtmf', 'mute'])
    assert.match(CALL_VERBS[verb] ?? '', new RegExp(verb));
});
