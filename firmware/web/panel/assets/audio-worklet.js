/** Owns the panel's sound in the browser's audio thread: pieces from the phone out, pieces of the microphone in, both of 16 kHz. */

/** Sound that is held against a network that stumbles, and at most, samples. */
const HELD = 1600;
const HELD_MAX = 8000;
/** Microphone samples in one piece. */
const PIECE = 640;

class DeskSound extends AudioWorkletProcessor {
  #held = new Float32Array(0);
  #filling = true;
  #piece = [];

  constructor() {
    super();
    this.port.onmessage = ({ data }) => {
      const all = new Float32Array(this.#held.length + data.length);
      all.set(this.#held);
      all.set(data, this.#held.length);
      this.#held = all.slice(-HELD_MAX);
    };
  }

  process([microphone], [speaker]) {
    const out = speaker[0];
    if (this.#filling) this.#filling = this.#held.length < HELD;
    else this.#filling = this.#held.length < out.length;
    if (!this.#filling) {
      out.set(this.#held.subarray(0, out.length));
      this.#held = this.#held.slice(out.length);
    }
    this.#record(microphone[0]);
    return true;
  }

  #record(samples) {
    if (samples === undefined) return;
    this.#piece.push(...samples);
    if (this.#piece.length < PIECE) return;
    const piece = Int16Array.from(this.#piece.splice(0, PIECE), (value) =>
      Math.max(-32768, Math.min(32767, Math.round(value * 32768))),
    );
    this.port.postMessage(piece, [piece.buffer]);
  }
}

registerProcessor('desk-sound', DeskSound);
