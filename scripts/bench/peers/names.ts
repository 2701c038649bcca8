/** Owns the rows of the comparison that break nothing but the expectations of a resolver: weights, a truncated answer, an alias. */
import { ADDRESSES } from '../../../test/interop/support/network.ts';
import { DOMAIN } from '../../../test/interop/support/servers.ts';
import type { Cell } from './cells.ts';
import { answered, seconds, USUAL } from './cells.ts';
import type { Stage } from './stage.ts';

const STARTS = 40;
/** The most that a datagram carries without extensions, octets (RFC 1035 4.2.1). */
const PLAIN_DNS = 512;
const SPARES = 12;

/** Three servers of one priority: at the third's address stands the name server, and nobody who speaks SIP. */
const WEIGHTS = [
  { weight: 60, name: 'primary', address: ADDRESSES.primary },
  { weight: 30, name: 'backup', address: ADDRESSES.backup },
  { weight: 10, name: 'ns', address: ADDRESSES.dns },
];

/** Where the first request of each start goes. */
export async function weights(stage: Stage, method: string): Promise<readonly Cell[]> {
  await stage.dns(WEIGHTS.map(({ weight, name }) => `_sip._udp IN SRV 10 ${weight} 5060 ${name}.${DOMAIN}.`));
  const drawn = WEIGHTS.map(() => 0);
  for (let start = 0; start < STARTS; start += 1) {
    const began = stage.start(USUAL);
    const first = await stage.first(began, ({ status, method: said }) => status === null && said === method);
    const index = WEIGHTS.findIndex(({ address }) => address === first?.to);
    if (index >= 0) drawn[index] = (drawn[index] ?? 0) + 1;
    await stage.stop();
  }
  return [
    { row: `SRV weights 60/30/10: first of ${STARTS} starts`, value: null, unit: 'starts', text: drawn.join('/') },
  ];
}

/** The answer has to be asked for again over TCP. */
export async function truncated(stage: Stage): Promise<Cell> {
  const spares = Array.from({ length: SPARES }, (_, n) => `_sip._udp IN SRV 90 0 5060 spare-${n}.${DOMAIN}.`);
  const addresses = spares.map((_, n) => `spare-${n} IN A 10.79.0.${200 + n}`);
  await stage.dns([`_sip._udp IN SRV 10 0 5060 primary.${DOMAIN}.`, ...spares, ...addresses], { udpMax: PLAIN_DNS });
  return registers(stage, DOMAIN, `SRV answer over ${PLAIN_DNS} octets, truncated: registers`);
}

export async function alias(stage: Stage): Promise<Cell> {
  await stage.dns([
    `alias IN CNAME real.${DOMAIN}.`,
    `real IN NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.real.${DOMAIN}.`,
    `_sip._udp.real IN SRV 10 0 5060 primary.${DOMAIN}.`,
  ]);
  return registers(stage, `alias.${DOMAIN}`, 'a CNAME to a name with NAPTR and SRV: registers');
}

async function registers(stage: Stage, domain: string, row: string): Promise<Cell> {
  const began = stage.start({ ...USUAL, domain });
  const bound = await stage.first(began, answered('primary', 'REGISTER'));
  await stage.stop();
  return { ...seconds(row, began, bound), unit: 'holds' };
}
