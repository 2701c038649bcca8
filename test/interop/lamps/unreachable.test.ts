/** Ten subscriptions: The primary's host refuses with ICMP host unreachable. */
import { describeLamps } from '../support/lamp-moments.ts';

describeLamps('unreachable');
