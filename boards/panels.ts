/** Owns the front panel of a board by the board's name. */
import type { Result } from '../firmware/kernel/result.ts';
import { fail, ok } from '../firmware/kernel/result.ts';
import type { RunArgs } from '../firmware/shell/args.ts';
import { MissingError } from '../hal/linux/load.ts';
import type { Panel } from './compose.ts';

/** Null = the board has none; an error is one clear line. Only the chosen board is loaded. */
export async function openPanel({
  board,
  model,
}: Pick<RunArgs, 'board' | 'model'>): Promise<Result<Panel | null, string>> {
  if (board === 'headless') return ok(null);
  if (board === 'virtual') return ok((await import('./virtual/panel.ts')).createVirtualPanel(model));
  const { openDeskPanel } = await import('./desk-v1/main.ts');
  const data =
    board === 'qemu' ? (await import('./qemu/main.ts')).QEMU_BOARD : (await import('./desk-v1/board.ts')).DESK_V1;
  try {
    return ok(await openDeskPanel(data, model));
  } catch (error) {
    if (error instanceof MissingError) return fail(`--board ${board}: ${error.message}`);
    throw error;
  }
}
