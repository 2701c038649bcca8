/** The primary is unreachable: its host answers ICMP host unreachable. */
import { describeFault } from '../support/moments.ts';

describeFault('unreachable');
