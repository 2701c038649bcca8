/**
 * Owns the import table as data: which files form a layer, and what each layer may import. `scripts/tidy.ts` checks every
 * import against it and prints it into ARCHITECTURE.md. Anything that is not listed here is forbidden.
 */

export interface Layer {
  readonly name: string;
  /** Paths; `*` stands for anything within one segment, `**` for anything. The first layer that claims a file owns it. */
  readonly files: readonly string[];
  /** What may be imported for its values, and for its types: names of layers, `npm:NAME`, `node:*`. */
  readonly values: readonly string[];
  /** What may be imported for its types alone. */
  readonly types: readonly string[];
  /** `together`: its files may import one another; `apart`: they never do. */
  readonly within: 'together' | 'apart';
}

/** Types that every layer of the phone may name, whoever runs whom. */
const SEAMS = ['kernel', 'limits', 'settings', 'seams', 'devices'] as const;
const PURE_TOOLS = ['kernel', 'limits'] as const;

export const LAYERS: readonly Layer[] = [
  { name: 'kernel', files: ['firmware/kernel/**'], values: [], types: [], within: 'together' },
  { name: 'limits', files: ['firmware/config/defaults.ts'], values: ['kernel'], types: [], within: 'together' },
  { name: 'settings', files: ['firmware/config/settings.ts'], values: [], types: ['kernel'], within: 'together' },
  { name: 'config', files: ['firmware/config/**'], values: [...PURE_TOOLS], types: ['settings'], within: 'together' },
  {
    name: 'seams',
    files: ['firmware/vocabulary.ts', 'firmware/events.ts', 'firmware/status.ts'],
    values: [],
    types: ['kernel', 'settings', 'devices'],
    within: 'together',
  },
  { name: 'sip/message', files: ['firmware/sip/message/**'], values: [...PURE_TOOLS], types: [], within: 'together' },
  {
    name: 'sip/auth',
    files: ['firmware/sip/auth.ts', 'firmware/sip/credentials.ts'],
    values: [...PURE_TOOLS, 'sip/message'],
    types: [],
    within: 'together',
  },
  {
    name: 'sip/transaction',
    files: ['firmware/sip/transaction/**'],
    values: [...PURE_TOOLS, 'sip/message'],
    types: [...SEAMS],
    within: 'together',
  },
  {
    name: 'sip/transport',
    files: ['firmware/sip/transport/**'],
    values: [...PURE_TOOLS, 'sip/message'],
    types: [...SEAMS],
    within: 'together',
  },
  {
    name: 'sip/vocabulary',
    files: ['firmware/sip/vocabulary.ts'],
    values: [],
    types: [...SEAMS, 'sip/message', 'servers'],
    within: 'together',
  },
  {
    name: 'sip/agent, request',
    files: ['firmware/sip/agent.ts', 'firmware/sip/request.ts'],
    values: [...PURE_TOOLS, 'sip/message', 'sip/auth', 'servers'],
    types: [...SEAMS, 'sip/vocabulary'],
    within: 'apart',
  },
  {
    name: 'sip/stack',
    files: ['firmware/sip/**'],
    values: [
      ...PURE_TOOLS,
      'sip/message',
      'sip/auth',
      'sip/transaction',
      'sip/transport',
      'sip/vocabulary',
      'sip/agent, request',
      'servers',
      'dns',
    ],
    types: [...SEAMS],
    within: 'together',
  },
  { name: 'dns', files: ['firmware/dns/**'], values: [...PURE_TOOLS], types: [...SEAMS], within: 'together' },
  {
    name: 'servers',
    files: ['firmware/servers/**'],
    values: [...PURE_TOOLS, 'dns'],
    types: [...SEAMS],
    within: 'together',
  },
  {
    name: 'registration',
    files: ['firmware/registration/**'],
    values: [...PURE_TOOLS],
    types: [...SEAMS, 'sip/vocabulary'],
    within: 'together',
  },
  {
    name: 'words',
    files: ['firmware/decisions.ts'],
    values: [...PURE_TOOLS],
    types: [...SEAMS],
    within: 'together',
  },
  {
    name: 'ui',
    files: ['firmware/ui/**'],
    values: [...PURE_TOOLS, 'words', 'devices'],
    types: [...SEAMS],
    within: 'together',
  },
  {
    name: 'phone',
    files: ['firmware/*.ts'],
    values: [
      ...PURE_TOOLS,
      'sip/agent, request',
      'sip/stack',
      'sip/vocabulary',
      'servers',
      'registration',
      'words',
      'ui',
      'config',
    ],
    types: [...SEAMS],
    within: 'together',
  },
  {
    name: 'web',
    files: ['firmware/web/**'],
    values: [...PURE_TOOLS, 'devices', 'npm:hono', 'npm:@hono/node-server', 'npm:ws', 'node:*'],
    types: [...SEAMS, 'phone', 'config'],
    within: 'together',
  },
  {
    name: 'whole files',
    files: ['firmware/shell/files.ts', 'firmware/shell/errno.ts'],
    values: ['kernel', 'node:*'],
    types: [...SEAMS],
    within: 'together',
  },
  {
    name: 'shell',
    files: ['firmware/shell/**'],
    values: [...PURE_TOOLS, 'phone', 'config', 'sip/message', 'servers', 'dns', 'npm:dns-packet', 'npm:pino', 'node:*'],
    types: [...SEAMS, 'web'],
    within: 'together',
  },
  { name: 'devices', files: ['hal/devices.ts', 'hal/ports.ts'], values: [], types: [], within: 'together' },
  {
    name: 'drivers',
    files: ['hal/drivers/**', 'hal/bus/**', 'hal/sim/**'],
    values: ['devices'],
    types: [],
    within: 'together',
  },
  {
    name: 'hal/linux',
    files: ['hal/linux/**', 'hal/audio/**'],
    values: ['devices', 'node:*'],
    types: [],
    within: 'together',
  },
  { name: 'board type', files: ['boards/board.ts'], values: [], types: ['devices', 'settings'], within: 'together' },
  { name: 'board data', files: ['boards/*/board.ts'], values: [], types: ['board type'], within: 'apart' },
  {
    name: 'boards',
    files: ['boards/**'],
    values: [
      ...PURE_TOOLS,
      'devices',
      'drivers',
      'hal/linux',
      'board type',
      'board data',
      'whole files',
      'shell',
      'phone',
      'config',
      'web',
      'lab',
      'npm:hono',
      'node:*',
    ],
    types: [...SEAMS],
    within: 'together',
  },
  {
    name: 'lab',
    files: ['scripts/lab/**'],
    values: ['whole files', 'npm:sip', 'npm:dns-packet', 'node:*'],
    types: [],
    within: 'together',
  },
  { name: 'scripts', files: ['scripts/**'], values: ['*'], types: [], within: 'together' },
  {
    name: 'test worlds',
    files: ['test/sim/**', 'test/tables/**', 'test/property/**'],
    values: ['pure', 'drivers', 'devices', 'board type', 'board data', 'test support', 'npm:fast-check', 'node:*'],
    types: [],
    within: 'together',
  },
  {
    name: 'test contract',
    files: ['test/contract/**'],
    values: ['devices', 'drivers', 'test support', 'npm:fast-check', 'node:*'],
    types: [],
    within: 'together',
  },
  {
    name: 'test support',
    files: ['test/support/**', 'test/fixtures/**'],
    values: ['pure', 'drivers', 'devices', 'node:*'],
    types: [],
    within: 'together',
  },
  { name: 'test', files: ['test/**'], values: ['*'], types: [], within: 'together' },
];

/** Short names for several layers at once. */
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  pure: [
    'kernel',
    'limits',
    'settings',
    'config',
    'seams',
    'sip/message',
    'sip/auth',
    'sip/transaction',
    'sip/transport',
    'sip/vocabulary',
    'sip/agent, request',
    'sip/stack',
    'dns',
    'servers',
    'registration',
    'words',
    'ui',
    'phone',
  ],
};

/** The layer that owns a path, null where none claims it. */
export function layerOf(path: string): Layer | null {
  return LAYERS.find((layer) => layer.files.some((pattern) => matches(pattern, path))) ?? null;
}

export function matches(pattern: string, path: string): boolean {
  const expression = pattern
    .split(/(\*\*|\*)/)
    .map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  return new RegExp(`^${expression}$`).test(path);
}

/** Why an import is forbidden, null where it is allowed. `to` is a path of the tree, `npm:NAME` or `node:NAME`. */
export function forbidden(from: string, to: string, kind: 'type' | 'value'): string | null {
  const layer = layerOf(from);
  if (layer === null) return `no layer of scripts/layers.ts claims ${from}`;
  const named = nameOf(to);
  if (named === null) return `no layer of scripts/layers.ts claims ${to}`;
  if (named === layer.name)
    return layer.within === 'together' ? null : `files of ${layer.name} never import one another`;
  if (named === 'scripts' && layer.name !== 'test') return 'nobody but their tests imports scripts';
  if (allows(layer.values, named)) return null;
  if (allows(layer.types, named))
    return kind === 'type' ? null : `${layer.name} may import ${named} for its types alone`;
  return `${layer.name} may not import ${named}`;
}

function nameOf(to: string): string | null {
  if (to.startsWith('node:')) return 'node:*';
  return to.startsWith('npm:') ? to : (layerOf(to)?.name ?? null);
}

const allows = (allowed: readonly string[], name: string): boolean =>
  allowed.some((item) => item === '*' || item === name || GROUPS[item]?.includes(name) === true);

/** The table as Markdown, for ARCHITECTURE.md. */
export function layersTable(): string {
  const cell = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.map(shown).join(', '));
  const rows = LAYERS.map(({ name, files, values, types, within }) => {
    const own = within === 'apart' ? ' (never one another)' : '';
    return `| ${name} | ${files.map((file) => `\`${file}\``).join(', ')}${own} | ${cell(values)} | ${cell(types)} |`;
  });
  return [
    '| Layer | Files | may import | and, for types alone |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    `*pure* = ${GROUPS['pure']?.join(', ') ?? ''}.`,
  ].join('\n');
}

const shown = (name: string): string =>
  name === '*' ? 'anything' : name.startsWith('n') && name.includes(':') ? `\`${name}\`` : name;
