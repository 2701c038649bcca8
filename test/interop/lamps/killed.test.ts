/** Ten subscriptions: The primary is killed: its host says so by ICMP, and what it knew of presence is gone. */
import { describeLamps } from '../support/lamp-moments.ts';

describeLamps('killed');
