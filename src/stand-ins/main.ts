import { Command, InvalidArgumentError } from 'commander';
import { type SandboxOptions, startSandbox } from './sandbox.ts';

const options = new Command('node src/stand-ins/main.ts')
  .description("Serves stand-ins for other people's APIs on this machine, with their limits and latencies.")
  .option('--port <number>', 'port to serve; 0 chooses a free one', number(0, 65_535), 4010)
  .option('--host <address>', 'address to serve', '127.0.0.1')
  .option('--time-scale <number>', '0.1 is ten times as fast', number(0.001, 1000), 1)
  .option('--seed <number>', 'what chance depends on', number(0, Number.MAX_SAFE_INTEGER), 1)
  // The shell's convention for wrong usage.
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Required<Pick<SandboxOptions, 'port' | 'host' | 'timeScale' | 'seed'>>>();

function number(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };
}

const sandbox = await startSandbox(options).catch((error: unknown) => {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  console.error(taken ? `Port ${options.port} is in use. Choose another with --port.` : error);
  process.exit(1);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void sandbox.stop().then(() => process.exit(0)));
}

const lines = Object.entries(sandbox.urls).map(([name, url]) => `  ${name.padEnd(12)} ${url}`);
console.log(
  [
    `Stand-ins for upstream APIs at ${sandbox.url}`,
    ...lines,
    '',
    `Calls: ${sandbox.url}/__sandbox/stats and /log. Any key is accepted that does not begin with "invalid".`,
    'Ctrl+C stops it.',
  ].join('\n'),
);
