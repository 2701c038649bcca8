/** Ten subscriptions: The primary vanishes: its cable is out. */
import { describeLamps } from '../support/lamp-moments.ts';

describeLamps('vanished');
