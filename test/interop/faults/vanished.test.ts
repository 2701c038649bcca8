/** The primary is vanished: its cable is out. */
import { describeFault } from '../support/moments.ts';

describeFault('vanished');
