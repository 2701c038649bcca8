/** Ten subscriptions over TCP: what ends a connection, and what leaves it open and silent. */
import { describeLamps } from '../support/lamp-moments.ts';

describeLamps('killed', 'tcp');
describeLamps('frozen', 'tcp');
