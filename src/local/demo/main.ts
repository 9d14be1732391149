import { Argument, Command, CommanderError, InvalidArgumentError } from 'commander';
import type { Demo } from './demo.ts';
import { demos } from './demos.ts';
import { exitCodeOf } from './exit.ts';
import { runDemo } from './run.ts';

const list = demos.map(({ name, summary }) => `  ${name}: ${summary}`).join('\n');

const command = new Command('npm run demo --')
  .description('Starts Spillway on this machine, sends it a batch over HTTP, and shows what happens.')
  .addArgument(
    new Argument('[workload]', 'what to show').argParser(demoNamed).default(demos[0], demos[0].name),
  )
  .option('--api-timeout <seconds>', 'how long the gateway waits for an answer, 2–900', apiTimeout)
  .option('--data-dir <path>', 'where the service keeps its data (default: a temporary directory)')
  .addHelpText('after', `\nWorkloads:\n${list}\n\nThe results are written to demo-output/.`)
  .exitOverride()
  .action(async (demo: Demo, options: { apiTimeout?: number; dataDir?: string }) => {
    process.exitCode = await exitCodeOf((signal) => runDemo(demo, options, signal));
  });

function demoNamed(name: string): Demo {
  const demo = demos.find((one) => one.name === name);
  if (demo) return demo;
  throw new InvalidArgumentError(`There is a demo of: ${demos.map((one) => one.name).join(', ')}.`);
}

function apiTimeout(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 2 && seconds <= 900) return seconds;
  throw new InvalidArgumentError('It must be a number of seconds from 2 to 900.');
}

try {
  await command.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has already printed the help or the error in the arguments.
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
