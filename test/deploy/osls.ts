import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../deploy/functions.ts';

/**
 * Runs osls as a stranger would: no account, no credentials, nothing set but `env`. `cwd` is where it finds
 * serverless.yml. Rejects unless it exits with 0.
 */
export async function osls(args: string[], env: Record<string, string> = {}, cwd = root): Promise<string> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|SPILLWAY)_/.test(name));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(root, 'node_modules', 'osls', 'bin', 'serverless.js'), ...args],
    { cwd, env: { ...Object.fromEntries(inherited), ...env }, maxBuffer: 2 ** 25 },
  );
  return stdout;
}
