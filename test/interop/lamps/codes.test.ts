/** Ten subscriptions: the primary answers everything with an error. */
import { describeLamps } from '../support/lamp-moments.ts';

describeLamps('503');
describeLamps('500');
