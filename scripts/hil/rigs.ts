/** Owns the names of the rigs. Each is loaded when it is asked for. */
import type { Rig } from './rig.ts';

export const RIGS: Readonly<Record<string, () => Promise<Rig>>> = {
  virtual: () => import('./virtual.ts').then(({ virtualRig }) => virtualRig),
  qemu: () => import('./qemu.ts').then(({ qemuRig }) => qemuRig),
  board: () => import('./board.ts').then(({ boardRig }) => boardRig),
};
