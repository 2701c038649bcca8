/** The primary is frozen: its process stands still, its host takes what comes. */
import { describeFault } from '../support/moments.ts';

describeFault('frozen');
