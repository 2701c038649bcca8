/** Owns the system's packages that hold native code: loaded when a board needs them, and missed in one clear line. */

/** A part of the system that a board cannot do without; the message says what to look at. */
export class MissingError extends Error {}

/** `load` imports the package; it fails where it is not installed or was not built. */
export async function loadNative<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n');
    throw new MissingError(`the package ${name} cannot be loaded (${reason}): npm install and npm rebuild ${name}`);
  }
}
