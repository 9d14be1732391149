import { type Command, Option } from 'commander';
import type { ResultsQuery } from '../../client/contract.ts';
import { toJson } from '../../core/json/text.ts';
import type { ConnectionOptions } from '../connection-options.ts';
import { withConnection } from '../options.ts';
import { inSession } from '../session.ts';
import { checkTarget } from '../target.ts';
import { writeOutput } from '../write-target.ts';

interface Options extends ConnectionOptions {
  status?: ResultsQuery['status'];
  output?: string;
}

/** Results per request. */
const pageSize = 200;

/** `spillway results`: shows each item's outcome. */
export function addResults(program: Command): void {
  withConnection(program.command('results').argument('<id>', 'id of the job'))
    .summary('print the outcome of each item')
    .description('Prints the outcomes so far in the order of the items, one JSON object per line.')
    .addOption(
      new Option('--status <status>', 'only outcomes with this status').choices([
        'succeeded',
        'failed',
        'cancelled',
      ]),
    )
    .option('--output <file>', 'write them to this file')
    .addHelpText('after', '\nExample:\n  spillway results job_0mws… --status failed')
    .action((id: string, options: Options) => {
      if (options.output !== undefined) checkTarget(options.output);
      return inSession(options, async ({ client }, { signal }) => {
        const lines = resultLines(client.getResults(id, { limit: pageSize, status: options.status }));
        if (options.output === undefined) for await (const line of lines) process.stdout.write(line);
        else await writeOutput(options.output, lines, signal);
        return 0;
      });
    });
}

async function* resultLines(pages: AsyncIterable<object[]>): AsyncGenerator<string> {
  for await (const page of pages) yield page.map((result) => `${toJson(result)}\n`).join('');
}
