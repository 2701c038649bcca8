/** The primary answers everything with an error, probes included. */
import { describeFault } from '../support/moments.ts';

describeFault('503');
describeFault('500');
