/** Ten subscriptions: The primary's packets are dropped without a word. */
import { describeLamps } from '../support/lamp-moments.ts';

describeLamps('blackholed');
