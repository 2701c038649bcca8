/** Owns the start of the media worker from the sources: the loader of TypeScript is registered in its thread. A bundle has none of this. */
import { register } from 'tsx/esm/api';

register();
await import('./media-worker.ts');
