import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { whenWrapperEnds } from '../local/end-with-wrapper.ts';
import { exitCodes } from './exit-codes.ts';

// Before anything large is loaded: what Node has compiled once, it finds again at the next start.
const root = join(import.meta.dirname, '../..');
enableCompileCache(process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules/.cache/spillway'));
const { Command, CommanderError } = await import('commander');

type Program = InstanceType<typeof Command>;

// scripts/spillway.mjs sets this; it runs this file from the project's directory.
if (process.env.SPILLWAY_CALLED_IN) {
  process.chdir(process.env.SPILLWAY_CALLED_IN);
  // Who kills the script means this process, and must find the data directory free.
  whenWrapperEnds(() => process.exit(1));
}
// A reader that stops early, such as `head`, is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : exitCodes.error);
});

const { version }: { version: string } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const program = new Command('spillway')
  .description('Batch processing that never loses an item: on this machine, or with a service elsewhere.')
  .version(version, '--version', 'print the version')
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

/** A command's module is loaded when it is named: most of a short command's time goes into loading others. */
const commands: Readonly<Record<string, () => Promise<(program: Program) => void>>> = {
  run: async () => (await import('./commands/run.ts')).addRun,
  submit: async () => (await import('./commands/submit.ts')).addSubmit,
  watch: async () => (await import('./commands/watch.ts')).addWatch,
  resume: async () => (await import('./commands/resume.ts')).addResume,
  list: async () => (await import('./commands/list.ts')).addList,
  results: async () => (await import('./commands/results.ts')).addResults,
  cancel: async () => (await import('./commands/cancel.ts')).addCancel,
  retry: async () => (await import('./commands/retry.ts')).addRetry,
  plan: async () => (await import('./commands/plan.ts')).addPlan,
  products: async () => (await import('./commands/products.ts')).addProducts,
  workloads: async () => (await import('./commands/workloads.ts')).addWorkloads,
  'webhook-secret': async () => (await import('./commands/webhook-secret.ts')).addWebhookSecret,
};
const [, , name = ''] = process.argv;
const wanted = Object.hasOwn(commands, name) ? [commands[name]] : Object.values(commands);
if (name !== '--version') for (const load of wanted) (await load?.())?.(program);

try {
  await program.parseAsync();
} catch (error) {
  // Commander has already printed the help or the error in the arguments.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  else process.exitCode = (await import('./errors.ts')).report(error);
}
