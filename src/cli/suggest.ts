import { basename } from 'node:path';

/** Where the jobs of a command are. */
export interface Whereabouts {
  endpoint?: string;
  apiKey?: string;
  dataDir: string;
}

export const defaultDataDir = '.spillway';

/** Writes a command for the user to paste as it stands: with the data directory or the service in use. */
export type Suggest = (...words: readonly string[]) => string;

export function suggestions({ endpoint, apiKey, dataDir }: Whereabouts): Suggest {
  const more = [
    ...(endpoint === undefined ? [] : ['--endpoint', endpoint, ...keyOf(apiKey)]),
    ...(endpoint !== undefined || dataDir === defaultDataDir ? [] : ['--data-dir', dataDir]),
  ];
  return (...words) => [calledAs(), ...[...words, ...more].map(quoted)].join(' ');
}

/** How the user calls the command. */
function calledAs(): string {
  const { npm_command: npm } = process.env;
  if (npm === 'run-script') return 'npm run spillway --';
  return npm !== 'exec' && basename(process.argv[1] ?? '') === 'spillway' ? 'spillway' : 'npx spillway';
}

/** The key of a service on this machine is no secret; any other is in the environment, or must not be in a log. */
function keyOf(key: string | undefined): string[] {
  if (key === undefined) return [];
  return ['--api-key', key === 'local' ? key : '$SPILLWAY_API_KEY'];
}

/** For a shell. A variable stays one. */
function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return /^\$\w+$/.test(word) ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}
