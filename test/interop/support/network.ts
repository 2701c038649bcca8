/** Owns a network of its own: namespaces on one bridge, torn down whatever happens. Needs root and iproute2. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Each process has a network of its own, so that files of tests run side by side. */
const PREFIX = `hfi-${process.pid}`;
const MASK = 24;

/** Names of interfaces have 15 characters at most. */
export type NodeName = 'phone' | 'second' | 'third' | 'peer' | 'primary' | 'backup' | 'dns';

export const ADDRESSES: Readonly<Record<NodeName, string>> = {
  phone: '10.79.0.100',
  second: '10.79.0.101',
  third: '10.79.0.102',
  peer: '10.79.0.110',
  primary: '10.79.0.1',
  backup: '10.79.0.2',
  dns: '10.79.0.53',
};

/** The same node by IPv6: no unique local address, for to those RFC 6724 2.1 prefers IPv4. */
export const address6 = (node: NodeName): string => `2001:db8:79::${ADDRESSES[node].split('.').at(-1)}`;

const NODES = Object.keys(ADDRESSES) as readonly NodeName[];
const HUB = `${PREFIX}-hub`;

export const namespaceOf = (node: NodeName): string => `${PREFIX}-${node}`;

const ip = (...args: readonly string[]): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
};

export function buildNetwork(): void {
  removeLeftovers();
  ip('netns', 'add', HUB);
  ip('-n', HUB, 'link', 'add', 'br0', 'type', 'bridge');
  ip('-n', HUB, 'link', 'set', 'br0', 'up');
  for (const node of NODES) {
    const namespace = namespaceOf(node);
    ip('netns', 'add', namespace);
    ip('-n', HUB, 'link', 'add', node, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    ip('-n', HUB, 'link', 'set', node, 'master', 'br0', 'up');
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    ip('-n', namespace, 'addr', 'add', `${ADDRESSES[node]}/${MASK}`, 'dev', 'eth0');
    // Nobody else has it: it is good at once.
    ip('-n', namespace, 'addr', 'add', `${address6(node)}/64`, 'dev', 'eth0', 'nodad');
    ip('-n', namespace, 'link', 'set', 'eth0', 'up');
  }
}

export function removeNetwork(): void {
  for (const namespace of [...NODES.map(namespaceOf), HUB]) ip('netns', 'del', namespace);
}

/** What a crashed run has left goes first: namespaces whose process is gone. */
function removeLeftovers(): void {
  const listed = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  for (const [, namespace = '', pid = ''] of listed.matchAll(/^(hfi-(\d+)-\w+)/gm))
    if (!existsSync(`/proc/${pid}`)) ip('netns', 'del', namespace);
}

/** The cable of a node, seen from the switch: nobody tells the others. */
export const plug = (node: NodeName, state: 'up' | 'down'): void => ip('-n', HUB, 'link', 'set', node, state);

/** What a node does with SIP that reaches it, before any process sees it; null = nothing. */
export function filter(node: NodeName, verdict: 'drop' | 'reject with icmp type host-unreachable' | null): void {
  const rules = ['table ip holdfast', 'delete table ip holdfast'];
  if (verdict !== null)
    rules.push(
      'table ip holdfast {',
      'chain input {',
      'type filter hook input priority 0;',
      `meta l4proto { tcp, udp } th dport { 5060, 5061 } ${verdict};`,
      '}',
      '}',
    );
  loadRules(node, `${rules.join('\n')}\n`);
}

export function loadRules(node: NodeName, rules: string): void {
  execFileSync('ip', ['netns', 'exec', namespaceOf(node), 'nft', '-f', '-'], {
    input: rules,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}
