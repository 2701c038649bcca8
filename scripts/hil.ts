/** Owns the start of `npm run hil`. */
import { runHil } from './hil/hil.ts';

process.exit(await runHil(process.argv.slice(2)));
