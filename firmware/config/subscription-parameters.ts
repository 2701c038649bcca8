/** Owns the parameters of subscriptions: their rows, and how they become settings (original-phone 1.5). */
import { BLF_PERIOD_MIN_S, BLF_PERIOD_S } from './defaults.ts';
import type { Parameter } from './parameter.ts';
import { FLAG, integer, rows, SECONDS, text } from './parameter.ts';
import type { SubscriptionSettings } from './settings.ts';

const SOURCE = 'original-phone 1.5';

export const SUBSCRIPTION_PARAMETERS: readonly Parameter[] = [
  ...rows(SOURCE, { scope: 'line', set: null, active: true }, [
    ['sip explicit mwi subscription', FLAG, '0', '', '1 = waiting messages are asked for by SUBSCRIBE'],
  ]),
  ...rows(SOURCE, { scope: 'global', set: null, active: true }, [
    ['sip explicit mwi subscription period', SECONDS, '86400', 's', 'Period asked for; 0 = 86400'],
    ['sip blf subscription period', SECONDS, '3600', 's', 'Period asked for by busy-lamp keys; below 120 = 3600'],
    ['sip bla subscription period', integer(0, 3700), '300', 's', 'Period asked for by a shared line; 0 = 300'],
    [
      'directed call pickup',
      FLAG,
      '0',
      '',
      '1 = a watched number that rings is picked up by its key, without a prefix too',
    ],
    ['list uri', text(256), '', '', 'The list of numbers that keys of type list show'],
    [
      'directed call pickup prefix',
      text(32),
      '',
      '',
      'Dialled in front of a watched number that rings; empty = the number is called',
    ],
  ]),
];

export function subscriptionSettings(value: (name: string) => string): SubscriptionSettings {
  const seconds = (name: string, fallback: number): number => Number(value(name)) || fallback;
  const blf = Number(value('sip blf subscription period'));
  return {
    blfPeriodS: blf < BLF_PERIOD_MIN_S ? BLF_PERIOD_S : blf,
    blaPeriodS: seconds('sip bla subscription period', 300),
    mwiPeriodS: seconds('sip explicit mwi subscription period', 86_400),
    pickupPrefix: value('directed call pickup prefix'),
    picksUp: value('directed call pickup') === '1',
    listUri: value('list uri'),
  };
}
