import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { styleText } from 'node:util';
import type { JobView } from '../../../client/contract.ts';
import type { Failure } from '../../../core/engine/errors.ts';
import type { Demo } from '../demo.ts';
import { allResults, followJob, outputOf } from '../follow.ts';
import { textTable } from '../text-table.ts';

/** Made for the demo: none of these people exist. One row has no valid domain, one no valid e-mail address. */
const sample = new URL('../../../../events/leads.csv', import.meta.url);
const badRows = 2;
const options = { offer: 'Route planning that saves a tenth of the fuel', sender: 'Mia, Wayfare' };
/** The stand-ins run twice as fast as the real APIs. */
const timeScale = 0.5;
/** Maximum characters of a displayed text. */
const widest = 60;

type Result =
  | { status: 'succeeded'; output: Record<string, string> }
  | { status: 'failed'; index: number; error: Failure };

/** A file of leads → the same file with what the web knows about each company, and an e-mail to each. */
export const enrichLeadsDemo: Demo = {
  name: 'enrich-leads',
  summary: 'researches the companies of 24 leads and writes an e-mail to each; two fail alone',
  apiTimeout: 29,
  standIns: { timeScale },

  async run({ client, outputDir, say }) {
    const file = await readFile(sample, 'utf8');
    const [, ...rows] = file.trim().split('\n');
    const companies = new Set(rows.map((row) => row.split(',')[0]));
    say(
      `POST /jobs: ${rows.length} leads at ${companies.size} companies; 1 s of search and 2 s of writing each`,
    );
    const key = await client.upload({ name: 'leads.csv', contentType: 'text/csv', content: file });
    const startedAt = performance.now();
    const elapsed = () => (performance.now() - startedAt) / 1000;
    const { body } = await client.createJob({
      workload: 'enrich-leads',
      source: { key },
      options,
    });
    const shown = { total: rows.length, done: 0, unit: 'leads', elapsed };
    const job = await followJob(client, body, shown, process.stdout);
    const seconds = elapsed();

    const results = await allResults<Result>(client, job.jobId);
    const columns = [{ title: 'contact' }, { title: 'company' }, { title: 'research' }, { title: 'e-mail' }];
    say(
      `\n${textTable(
        columns,
        results.map((result, at) => tableRow(result, rows[at] ?? '')),
      )}\n`,
    );
    const example = results.find(({ status }) => status === 'succeeded');
    if (example?.status === 'succeeded') say(`${example.output.email_body}\n`);
    const output = join(outputDir, 'leads.csv');
    await writeFile(output, await outputOf(client, job.jobId));
    say(`${job.successCount} e-mails, ${job.errorCount} rows failed alone, in ${seconds.toFixed(1)} s`);
    say(`All of them: ${pathToFileURL(output)}`);
    return problemsOf(job, rows.length);
  },
};

function tableRow(result: Result, row: string): string[] {
  const [company = '', , contact = ''] = row.split(',');
  if (result.status === 'failed') return [contact, company, '', styleText('red', result.error.code)];
  const { research = '', email_body = '' } = result.output;
  return [contact, company, cut(research), cut(email_body.replace(/\s+/g, ' '))];
}

const cut = (text: string) => (text.length > widest ? `${text.slice(0, widest - 1)}…` : text);

/** Unexpected results, one line each. */
function problemsOf({ status, totalItems, errorCount }: JobView, rows: number): string[] {
  const told = [
    status !== 'partial' && `The job is ${status}, but should be partial: ${badRows} rows are bad`,
    totalItems !== rows && `${totalItems} rows were worked on, not ${rows}`,
    errorCount !== badRows && `${errorCount} rows failed, not ${badRows}`,
  ];
  return told.filter((problem) => problem !== false);
}
