/** Owns the command `holdfast`: picks a board or a tool by name and imports only that (interfaces 2). */

const HELP = `holdfast COMMAND
  run      a phone                      holdfast run --help
  resolve  where a server is            holdfast resolve NAME
  lint     what a configuration says    holdfast lint FILE...
  inspect  what a SIP message is        holdfast inspect FILE...
  dscp     nftables rules, that mark    holdfast dscp FILE...
  network  the system's network, time  holdfast network --config FILE (root, at each start of the image)
  drive    a board's drivers alone     holdfast drive --board NAME
  lab      servers that fail to order   holdfast lab
  test     scenarios, with reports      holdfast test --list
  version
`;

export async function main(argv: readonly string[]): Promise<number> {
  const [command = 'help', ...args] = argv;
  switch (command) {
    case 'run':
      return (await import('./run.ts')).runPhone(args);
    case 'resolve':
      return (await import('../firmware/shell/commands/resolve.ts')).runResolve(args);
    case 'lint':
      return (await import('../firmware/shell/commands/lint.ts')).runLint(args);
    case 'inspect':
      return (await import('../firmware/shell/commands/inspect.ts')).runInspect(args);
    case 'dscp':
      return (await import('../firmware/shell/commands/dscp.ts')).runDscp(args);
    case 'network':
      return (await import('../firmware/shell/commands/network.ts')).runNetwork(args);
    case 'drive':
      return (await import('./drive.ts')).runDrive(args);
    case 'lab':
      return (await import('../scripts/lab/command.ts')).runLab(args);
    case 'test':
      return (await import('../scripts/scenario/command.ts')).runTest(args, (await import('./compose.ts')).VERSION);
    case 'lab-server':
      return (await import('../scripts/lab/command.ts')).runLabServer(args);
    case 'version':
    case '--version':
      process.stdout.write(`${(await import('./compose.ts')).VERSION}\n`);
      return 0;
    case 'help':
    case '--help':
      process.stdout.write(HELP);
      return 0;
    default:
      process.stderr.write(`holdfast: unknown command "${command.slice(0, 40)}"\n${HELP}`);
      return 2;
  }
}
