/** The primary is blackholed: what is sent to it is dropped. */
import { describeFault } from '../support/moments.ts';

describeFault('blackholed');
