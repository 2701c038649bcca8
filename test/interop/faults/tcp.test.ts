/** The same over TCP: what ends a connection, what leaves it open and silent, what never lets it come about. */
import { describeFault } from '../support/moments.ts';

describeFault('killed', 'tcp');
describeFault('frozen', 'tcp');
describeFault('blackholed', 'tcp');
