import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Row } from '../../../core/formats/rows.ts';
import { cardConfig } from '../../../workloads/recommend-cards/config-file.ts';
import type { Demo } from '../demo.ts';
import { followJob, outputOf } from '../follow.ts';
import { textTable } from '../text-table.ts';
import { readXlsx } from './read-xlsx.ts';
import { usersCsv } from './users.ts';
import { problemsOf } from './verdict.ts';

const users = 400;
/** Rows that cannot be used, and a user that the API cannot serve. */
const faults = new Map([
  [6, ',1200,3000,,900'],
  [21, 'user-000022,much,100,200,300'],
]);
const poisoned = 'user-000101';
const expectedFailures = faults.size + 1;
/** The stand-in runs twenty times as fast as the API: an answer takes 135 ms instead of 2.7 s. */
const timeScale = 0.05;
const shownRows = 6;

const columns = [
  { title: 'user_id' },
  { title: 'best_card' },
  { title: 'issuer' },
  { title: 'annual_fee', right: true },
  { title: 'net_annual_value', right: true },
];
const failureColumns = [{ title: 'user_id' }, { title: 'error_code' }, { title: 'error_message' }];

const config = new URL('../../../../events/recommend-cards/real_config.json', import.meta.url);

/** Users in a CSV file → a slow API → an XLSX file. */
export const recommendCardsDemo: Demo = {
  name: 'recommend-cards',
  summary: 'asks a slow API for each of 400 users, 20 at a time; three fail alone',
  apiTimeout: 29,
  standIns: { timeScale, overrides: { cards: { errors: { keys: [poisoned], keyStatus: 500 } } } },

  async run({ client, outputDir, say }) {
    const { options } = cardConfig.read(JSON.parse(await readFile(config, 'utf8')));
    const csv = usersCsv(users, faults);
    await writeFile(join(outputDir, 'users.csv'), csv);
    const key = await client.upload({ name: 'users.csv', contentType: 'text/csv', content: csv });

    say(
      `POST /jobs: ${users} users; each takes the API 2.7 s, which the stand-in makes ${2_700 * timeScale} ms`,
    );
    const startedAt = performance.now();
    const elapsed = () => (performance.now() - startedAt) / 1000;
    const output = { format: 'xlsx' } as const;
    const { body } = await client.createJob({
      workload: 'recommend-cards',
      source: { key },
      output,
      options,
    });
    const shown = { total: users, done: 0, unit: 'users', elapsed };
    const job = await followJob(client, body, shown, process.stdout);

    const results = join(outputDir, 'recommendations.xlsx');
    await writeFile(results, await outputOf(client, job.jobId));
    const rows = await readXlsx(results);
    const failed = rows.filter(({ error_code }) => error_code !== undefined && error_code !== '');
    say(
      `\n${tableOf(columns, rows.slice(0, shownRows))}\n… ${rows.length - shownRows} more\n\n${tableOf(failureColumns, failed)}\n`,
    );
    const oneByOne = (users * 2.7 * timeScale).toFixed(0);
    say(
      `${job.successCount} answered, ${job.errorCount} failed alone, in ${elapsed().toFixed(1)} s; one by one: ${oneByOne} s`,
    );
    say(`Results: ${pathToFileURL(results)}`);
    return problemsOf(job, rows, users, expectedFailures);
  },
};

function tableOf(shown: readonly { title: string }[], rows: readonly Row[]): string {
  return textTable(
    shown,
    rows.map((row) => shown.map(({ title }) => String(row[title] ?? ''))),
  );
}
