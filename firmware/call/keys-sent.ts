/** Owns how a key that is pressed in a call reaches the far side: as RTP event, as sound, by SIP INFO (original-phone 1.6). */
import { DTMF_MS } from '../config/defaults.ts';
import type { CallOutput, Connected } from './state.ts';

const KEY = /^[0-9*#A-D]$/;

/** Never as event and sound at once: the far side would read it twice (media 12). */
export function keySent({ call, agreed }: Connected, key: string): readonly CallOutput[] {
  if (!KEY.test(key)) return [];
  const { info, sound } = call.line.keysSent;
  const way = agreed.sendsEvents !== null ? 'event' : sound === 'on' || info === 'off' ? 'sound' : null;
  return [
    ...(info === 'on' ? [{ to: 'stack', command: { kind: 'info', call: call.id, key, ms: DTMF_MS } } as const] : []),
    ...(way === null ? [] : [{ to: 'media', key: { call: call.id, key, ms: DTMF_MS, way } } as const]),
  ];
}
