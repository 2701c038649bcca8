/** Owns one emulated phone at the lab, which runs here: boots it, follows what it tells, shows it from outside. */
import { randomBytes } from 'node:crypto';
import { cpSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PhoneModel } from '../../firmware/config/settings.ts';
import type { Lab, LabOptions } from '../lab/lab.ts';
import { startLab } from '../lab/lab.ts';
import type { Closing, EmulatedBoard } from './board.ts';
import { closeAll, startBoard } from './board.ts';
import type { Guest } from './guest.ts';
import { followGuest } from './guest.ts';
import type { Network } from './network.ts';
import type { OutsideRig } from './rig.ts';
import { createOutsideRig } from './rig.ts';

export interface EmulatedOptions {
  readonly model?: PhoneModel;
  readonly lab?: Omit<LabOptions, 'address' | 'advertised'>;
  /** Further arguments of `holdfast run` in the guest. */
  readonly phoneArgs?: readonly string[];
}

export interface EmulatedPhone extends EmulatedBoard {
  readonly lab: Lab;
  readonly rig: OutsideRig;
  readonly guest: Guest;
  stop(): Promise<void>;
}

const HTTP_PORT = 80;

export async function startEmulatedPhone(options: EmulatedOptions = {}): Promise<EmulatedPhone> {
  const { model = '57i', phoneArgs = [] } = options;
  const closing: Closing = [];
  const token = randomBytes(24).toString('hex');
  try {
    let lab: Lab | null = null;
    const board = await startBoard(
      {
        model,
        ports: [HTTP_PORT],
        async prepare(network, etc) {
          lab = await startLab({ ...options.lab, address: network.listen, advertised: network.host });
          closing.push(lab.stop);
          return writePhone(etc, { lab, network, token, phoneArgs: ['--model', model, ...phoneArgs] });
        },
      },
      closing,
    );
    if (lab === null) throw new Error('the board was started without a lab');
    const guest = followGuest(board.network.reach(HTTP_PORT), token);
    closing.push(guest.close);
    const rig = createOutsideRig(board.wires, () => readingsOf(guest));
    closing.push(rig.stop);
    return { ...board, lab, rig, guest, stop: () => closeAll(closing) };
  } catch (error) {
    await closeAll(closing);
    throw error;
  }
}

interface Written {
  readonly lab: Lab;
  readonly network: Network;
  readonly token: string;
  readonly phoneArgs: readonly string[];
}

/** The phone's configuration as the lab wrote it, with what lies beside it; returns the words of its command. */
function writePhone(etc: string, { lab, network, token, phoneArgs }: Written): readonly string[] {
  const { config, dns } = lab.info();
  cpSync(dirname(config), etc, { recursive: true });
  writeFileSync(join(etc, 'api-token'), `${token}\n`, { mode: 0o600 });
  return [
    ...['run', '--config', '/etc/holdfast/phone.cfg', '--board', 'qemu', '--state', '/var/lib/holdfast'],
    ...['--dns', dns.replace(network.listen, network.host), '--http', `0.0.0.0:${HTTP_PORT}`],
    ...['--api-token-file', '/etc/holdfast/api-token', '--hil', ...phoneArgs],
  ];
}

/** Null while the guest boots. */
async function readingsOf(guest: Guest): Promise<number | null> {
  try {
    const { readings } = (await guest.ask('GET', '/hil/v1/panel')) as { readonly readings?: number };
    return readings ?? null;
  } catch {
    return null;
  }
}
