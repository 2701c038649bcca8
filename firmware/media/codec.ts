/** Owns the three codecs behind one shape: sound of 16 kHz in, payloads of 8 octets a millisecond out, and back. */
import { decodeG711, encodeG711 } from './g711.ts';
import { createG722Decoder, createG722Encoder } from './g722.ts';
import { createDoubler, createHalver } from './resample.ts';

export const CODEC_NAMES = ['PCMU', 'PCMA', 'G722'] as const;
export type CodecName = (typeof CODEC_NAMES)[number];

/** Octets and RTP clock units a millisecond, of all three: G.722's clock says 8000 although it carries 16 kHz (RFC 3551 4.5.2). */
export const UNITS_PER_MS = 8;

/** Keeps state from block to block: one for each direction of each stream. */
export type Encode = (samples: Int16Array) => Uint8Array;
export type Decode = (payload: Uint8Array) => Int16Array;

export function createEncoder(codec: CodecName): Encode {
  if (codec === 'G722') return createG722Encoder().encode;
  const halve = createHalver();
  const law = codec === 'PCMU' ? 'mu' : 'A';
  return (samples) => encodeG711(law, halve(samples));
}

export function createDecoder(codec: CodecName): Decode {
  if (codec === 'G722') return createG722Decoder().decode;
  const double = createDoubler();
  const law = codec === 'PCMU' ? 'mu' : 'A';
  return (payload) => double(decodeG711(law, payload));
}

export const isCodec = (name: string): name is CodecName => CODEC_NAMES.some((codec) => codec === name);
