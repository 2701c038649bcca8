/** Owns what the phone calls itself towards a DHCP server, which may keep option 43 for it alone (RFC 2132 9.13, original-phone 1.10). */
import type { PhoneModel } from './settings.ts';

/** As the original does. */
export const vendorClass = (model: PhoneModel): string => `AastraIPPhone${model}`;
