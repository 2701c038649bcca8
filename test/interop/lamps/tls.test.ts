/** Ten subscriptions over TLS: what ends a connection, and an error from the server; what is told is told by events. */
import { describeLamps } from '../support/lamp-moments.ts';

describeLamps('killed', 'tls');
describeLamps('503', 'tls');
