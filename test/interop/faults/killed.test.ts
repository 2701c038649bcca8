/** The primary is killed: its process is dead, its host says so by ICMP. */
import { describeFault } from '../support/moments.ts';

describeFault('killed');
