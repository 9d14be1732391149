import { Command, CommanderError } from 'commander';
import { addCancel } from './commands/cancel.ts';
import { addList } from './commands/list.ts';
import { addPlan } from './commands/plan.ts';
import { addProducts } from './commands/products.ts';
import { addResults } from './commands/results.ts';
import { addRetry } from './commands/retry.ts';
import { addRun } from './commands/run.ts';
import { addSubmit } from './commands/submit.ts';
import { addWatch } from './commands/watch.ts';
import { addWebhookSecret } from './commands/webhook-secret.ts';
import { addWorkloads } from './commands/workloads.ts';
import { exitCodes } from './errors.ts';
import { report } from './session.ts';

/** Milliseconds between checks. */
const lookEvery = 250;

// scripts/spillway.mjs sets this; it runs this file from the project's directory.
if (process.env.SPILLWAY_CALLED_IN) {
  process.chdir(process.env.SPILLWAY_CALLED_IN);
  endWithParent();
}
// A reader that stops early, such as `head`, is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : exitCodes.error);
});

const program = new Command('spillway')
  .description('Batch processing that never loses an item: on this machine, or with a service elsewhere.')
  .showHelpAfterError('(--help shows the usage)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Without --endpoint, a service on this machine does the work, for as long as the command runs.

Environment:
  SPILLWAY_ENDPOINT, SPILLWAY_API_KEY  a service elsewhere
  SPILLWAY_*                           settings of the service on this machine: docs/configuration.md

Example:
  spillway run echo --input rows.csv --output results.csv`,
  );
const commands = [addRun, addSubmit, addWatch, addList, addResults, addCancel, addRetry, addPlan];
for (const add of [...commands, addProducts, addWorkloads, addWebhookSecret]) add(program);

try {
  await program.parseAsync();
} catch (error) {
  // Commander has already printed the help or the error in the arguments.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  else process.exitCode = report(error);
}

/**
 * Ends this process soon after its parent: a user who kills the parent means this process (`kill -9` cannot
 * be passed on), and must find the data directory free when starting the command again.
 */
function endWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, lookEvery).unref();
}
