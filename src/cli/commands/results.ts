import { type Command, Option } from 'commander';
import type { Api } from '../api.ts';
import type { ConnectionOptions } from '../connection.ts';
import { writeWhole } from '../download.ts';
import { withConnection } from '../options.ts';
import { inSession } from '../session.ts';

interface Options extends ConnectionOptions {
  status?: string;
  output?: string;
}

/** Results asked for at a time. */
const pageSize = 200;

/** `spillway results`: what became of each item. */
export function addResults(program: Command): void {
  withConnection(program.command('results').argument('<id>', 'of the job'))
    .summary('print what became of each item')
    .description('Prints the outcomes so far in the order of the items, one JSON object a line.')
    .addOption(new Option('--status <status>', 'only these').choices(['succeeded', 'failed', 'cancelled']))
    .option('--output <file>', 'writes them there')
    .addHelpText('after', '\nExample:\n  spillway results job_0mws… --status failed')
    .action((id: string, options: Options) =>
      inSession(options, async ({ api }, signal) => {
        const lines = resultLines(api, id, options.status);
        if (options.output === undefined) for await (const line of lines) process.stdout.write(line);
        else await writeWhole(options.output, lines, signal);
        return 0;
      }),
    );
}

/** A page at a time. */
async function* resultLines(api: Api, id: string, status: string | undefined): AsyncGenerator<string> {
  const query = new URLSearchParams({ limit: String(pageSize), ...(status && { status }) });
  for (;;) {
    const page = await api.get<{ results: object[]; cursor?: string }>(
      `/jobs/${encodeURIComponent(id)}/results?${query}`,
    );
    yield page.results.map((result) => `${JSON.stringify(result)}\n`).join('');
    if (page.cursor === undefined) return;
    query.set('cursor', page.cursor);
  }
}
