/** Owns asking the system for its network interfaces, which takes a descriptor. */
import { networkInterfaces } from 'node:os';

export type Interfaces = ReturnType<typeof networkInterfaces>;

/** Null where the system does not say: it has no descriptor left (EMFILE), and Node throws. */
export function interfacesNow(read: () => Interfaces = networkInterfaces): Interfaces | null {
  try {
    return read();
  } catch {
    return null;
  }
}
