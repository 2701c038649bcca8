/** Owns putting the hook into a test process: `node --import tsx --import ./test/hil/plant.mjs`. */
import { register } from 'node:module';

register('./plant-hook.mjs', import.meta.url);
