/** Ten subscriptions: The primary is frozen: its process sleeps, its sockets take everything. */
import { describeLamps } from '../support/lamp-moments.ts';

describeLamps('frozen');
