import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs osls as a stranger would: no account, no credentials, nothing set. Rejects unless it exits with 0. */
export async function osls(args: string[], env: Record<string, string> = {}): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|SPILLWAY)_/.test(name));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['node_modules/osls/bin/serverless.js', ...args],
    { env: { ...Object.fromEntries(inherited), ...env }, maxBuffer: 2 ** 25 },
  );
  return stdout;
}
