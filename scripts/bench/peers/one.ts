/** Owns the run of one agent as a process of its own: its network is named by the process. Prints its cells as JSON; names of parts of the table leave out the rest. */
import { AGENTS } from './agents.ts';
import { measure, PARTS } from './rows.ts';
import { openStage } from './stage.ts';

const [name = '', limitMs = '', ...wanted] = process.argv.slice(2);
const agent = AGENTS.find((each) => each.name === name);
if (agent === undefined) throw new Error(`no agent "${name}"`);
const stage = openStage(agent, Number(limitMs));
try {
  process.stdout.write(
    `${JSON.stringify(await measure(stage, agent, wanted.length === 0 ? PARTS : PARTS.filter((part) => wanted.includes(part))))}\n`,
  );
} finally {
  await stage.close();
}
