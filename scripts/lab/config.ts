/** Owns the configuration of a phone that fits the lab, in the original's syntax: both servers by name and port 0, so that SRV decides. */
import type { Account } from './protocol.ts';

const SCREEN_NAMES = ['Reception', 'Workshop', 'Office'];

export function configText(domain: string, accounts: readonly Account[], extra: readonly string[]): string {
  const servers = ['registrar', 'proxy'].flatMap((role) => [
    `sip ${role} ip: primary.${domain}`,
    `sip ${role} port: 0`,
    `sip backup ${role} ip: backup.${domain}`,
    `sip backup ${role} port: 0`,
  ]);
  const lines = accounts.flatMap(({ user, auth, password }, index) => [
    `sip line${index + 1} user name: ${user}`,
    `sip line${index + 1} auth name: ${auth}`,
    `sip line${index + 1} password: "${password}"`,
    `sip line${index + 1} screen name: ${SCREEN_NAMES[index] ?? `Phone ${index + 1}`}`,
  ]);
  const all = [...servers, ...lines, 'sip local port: 0', ...extra];
  return `# Written by the lab: ready for "holdfast run --config".\n${all.join('\n')}\n`;
}
