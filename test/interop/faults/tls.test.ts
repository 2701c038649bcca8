/** The same over TLS; what goes on is told by the phone's events. */
import { describeFault } from '../support/moments.ts';

describeFault('killed', 'tls');
describeFault('frozen', 'tls');
describeFault('503', 'tls');
