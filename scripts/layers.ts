/**
 * Owns the import table as data: which files form a layer, and what each layer may import. `npm run tidy` checks every
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
    name: 'sip/values',
    files: ['firmware/sip/auth.ts', 'firmware/sip/credentials.ts', 'firmware/sip/dialog.ts'],
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
    name: 'sip/vocabulary',
    files: ['firmware/sip/vocabulary.ts', 'firmware/sip/call-vocabulary.ts'],
    values: [],
    types: [...SEAMS, 'sip/message', 'sip/sdp', 'servers'],
    within: 'together',
  },
  {
    name: 'sip/agent',
    files: ['firmware/sip/agent.ts', 'firmware/sip/agent-*.ts'],
    values: [...PURE_TOOLS, 'sip/message', 'sip/values', 'servers'],
    types: [...SEAMS, 'sip/vocabulary'],
    within: 'together',
  },
  {
    name: 'sip/sdp',
    files: ['firmware/sip/sdp/**'],
    values: [...PURE_TOOLS, 'npm:sdp-transform'],
    types: [],
    within: 'together',
  },
  {
    name: 'sip/request',
    files: [
      'firmware/sip/request.ts',
      'firmware/sip/request-*.ts',
      'firmware/sip/invite.ts',
      'firmware/sip/invite-*.ts',
    ],
    values: [...PURE_TOOLS, 'sip/message', 'sip/values', 'servers'],
    types: [...SEAMS, 'sip/vocabulary'],
    within: 'together',
  },
  {
    name: 'sip/stack',
    files: ['firmware/sip/**'],
    values: [
      ...PURE_TOOLS,
      'sip/message',
      'sip/values',
      'sip/transaction',
      'sip/vocabulary',
      'sip/agent',
      'sip/sdp',
      'sip/request',
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
    name: 'call',
    files: ['firmware/call/**'],
    values: [...PURE_TOOLS],
    types: [...SEAMS, 'sip/vocabulary', 'sip/sdp'],
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
      'sip/agent',
      'sip/request',
      'sip/stack',
      'sip/vocabulary',
      'servers',
      'registration',
      'call',
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
    values: [
      ...PURE_TOOLS,
      'phone',
      'config',
      'sip/message',
      'servers',
      'dns',
      'devices',
      'whole files',
      'npm:dns-packet',
      'npm:pino',
      'node:*',
    ],
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
    values: ['devices', 'npm:onoff', 'npm:i2c-bus', 'node:*'],
    types: [],
    within: 'together',
  },
  { name: 'board type', files: ['boards/board.ts'], values: [], types: ['devices', 'settings'], within: 'together' },
  { name: 'board data', files: ['boards/*/board.ts'], values: ['devices'], types: ['board type'], within: 'apart' },
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
      'scenario',
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
  {
    name: 'ladder',
    files: ['scripts/ladder.ts'],
    values: ['kernel', 'sip/message', 'node:*'],
    types: [...SEAMS, 'shell'],
    within: 'together',
  },
  {
    name: 'scenario',
    files: ['scripts/scenario/**'],
    values: ['kernel', 'lab', 'ladder', 'npm:yaml', 'node:*'],
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
    values: ['devices', 'drivers', 'board data', 'test support', 'npm:fast-check', 'node:*'],
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
    'sip/values',
    'sip/sdp',
    'sip/transaction',
    'sip/vocabulary',
    'sip/agent',
    'sip/request',
    'sip/stack',
    'dns',
    'servers',
    'registration',
    'call',
    'words',
    'ui',
    'phone',
  ],
};
