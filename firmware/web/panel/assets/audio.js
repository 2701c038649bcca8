/** Owns the panel's button for sound: the browser's microphone and speaker become those of the phone. */

const RATE_HZ = 16000;
const button = document.getElementById('sound');
const note = document.getElementById('sound-note');
let stop = null;

button.addEventListener('click', () => {
  if (stop === null) void start();
  else stop();
});

function show(on, text) {
  button.setAttribute('aria-pressed', String(on));
  button.textContent = on ? 'Sound off' : 'Sound on';
  note.textContent = text;
}

async function start() {
  const context = new AudioContext({ sampleRate: RATE_HZ });
  const end = new AbortController();
  let microphone = null;
  stop = () => {
    stop = null;
    end.abort();
    for (const track of microphone?.getTracks() ?? []) track.stop();
    void context.close();
    note.dataset.dbfs = '';
    show(false, '');
  };
  try {
    await context.audioWorklet.addModule('/panel/audio-worklet.js');
    const desk = new AudioWorkletNode(context, 'desk-sound', { outputChannelCount: [1] });
    desk.connect(context.destination);
    microphone = await navigator.mediaDevices?.getUserMedia({ audio: true }).catch(() => null);
    if (microphone) context.createMediaStreamSource(microphone).connect(desk);
    desk.port.onmessage = ({ data }) => say(data);
    show(true, microphone ? 'Microphone and speaker are on.' : 'Speaker only: this page has no microphone.');
    await hear(desk.port, end.signal);
  } catch (error) {
    const ended = end.signal.aborted;
    stop?.();
    if (!ended) show(false, `No sound: ${error.message}`);
  }
}

/** One piece after the other: a later one must not overtake. What is not sent in time is left out. */
let sending = 0;
const SENDING_MAX = 5;
let sent = Promise.resolve();
function say(samples) {
  if (sending >= SENDING_MAX) return;
  sending += 1;
  sent = sent
    .then(() => fetch('/panel/audio', { method: 'POST', body: samples }))
    .catch(() => undefined)
    .finally(() => {
      sending -= 1;
    });
}

async function hear(port, signal) {
  const { body } = await fetch('/panel/audio', { signal });
  const reader = body.getReader();
  let rest = new Uint8Array(0);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error('the phone has closed the stream');
    const all = new Uint8Array(rest.length + value.length);
    all.set(rest);
    all.set(value, rest.length);
    const whole = all.length - (all.length % 2);
    rest = all.slice(whole);
    const samples = Float32Array.from(new Int16Array(all.buffer, 0, whole / 2), (sample) => sample / 32768);
    note.dataset.dbfs = String(level(samples));
    port.postMessage(samples, [samples.buffer]);
  }
}

/** A sine at full scale is 0. */
function level(samples) {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
  return Math.max(-120, Math.round(10 * Math.log10(2 * power + 1e-12)));
}
