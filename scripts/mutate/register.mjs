/** Owns putting the mutation hook into a test process: `node --import ./scripts/mutate/register.mjs`. */
import { register } from 'node:module';

register('./hook.mjs', import.meta.url);
