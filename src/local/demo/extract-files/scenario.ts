import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { styleText } from 'node:util';
import type { JobView } from '../../../client/contract.ts';
import type { Failure } from '../../../core/engine/errors.ts';
import type { FilesSummary } from '../../../workloads/extract-files/context.ts';
import type { ExtractedFile } from '../../../workloads/extract-files/outcome.ts';
import type { Demo, DemoContext } from '../demo.ts';
import { allResults, followJob, outputOf } from '../follow.ts';
import { type Column, textTable } from '../text-table.ts';
import { type Sample, samples } from './samples.ts';

/** A file's outcome as the API shows it. */
interface FileResult {
  itemId: string;
  status: 'succeeded' | 'failed';
  durationMs: number;
  output: (ExtractedFile & { text: { url: string } }) | null;
  error?: Failure;
}

const folder = 'archive';

/** Documents → text, structure and key phrases, and one merged context of the whole folder. */
export const extractFilesDemo: Demo = {
  name: 'extract-files',
  summary: 'reads a folder of documents of all kinds, and merges what is in them',
  apiTimeout: 29,

  async run(context) {
    const { client, outputDir, say } = context;
    const root = await uploadAll(context);
    say(`POST /jobs: extract-files over ${root} (${samples.length} files)`);
    const startedAt = performance.now();
    const elapsed = () => (performance.now() - startedAt) / 1000;
    const first = await client.createJob({
      workload: 'extract-files',
      source: { folders: [root] },
    });
    const shown = { total: samples.length, done: first.body.processedItems, unit: 'files', elapsed };
    const job =
      first.status === 200 ? first.body : await followJob(client, first.body, shown, process.stdout);
    const seconds = elapsed();

    const results = await allResults<FileResult>(client, job.jobId);
    say(`\n${textTable(columns, results.map(row))}\n`);
    const summary: FilesSummary = JSON.parse(String(await outputOf(client, job.jobId, 'summary')));
    await writeFile(join(outputDir, 'context.md'), summary.context);
    await writeFile(join(outputDir, 'summary.json'), JSON.stringify(summary, null, 2));
    say(
      `${styleText('bold', `${summary.words} words`)} in ${summary.files - summary.failed} files after ${seconds.toFixed(1)} s`,
    );
    say(`It is about: ${summary.keyPhrases.slice(0, 8).join(', ')}`);
    say(`The merged context: ${join(outputDir, 'context.md')} (${summary.context.length} characters)`);
    return problemsOf(job, results, summary);
  },
};

/** Uploads the samples into one folder. Resolves to its key. */
async function uploadAll({ client }: DemoContext): Promise<string> {
  const keys = await Promise.all(
    samples.map(async ({ name, contentType, make }) =>
      client.upload({ name, contentType, content: new Uint8Array(await make()) }, folder),
    ),
  );
  return `${keys[0]?.split('/').slice(0, 3).join('/')}/`;
}

const columns: readonly Column[] = [
  { title: 'file' },
  { title: 'kind' },
  { title: 'title' },
  { title: 'language' },
  { title: 'pages', right: true },
  { title: 'words', right: true },
  { title: 'key phrases, or why not' },
];

function row({ itemId, output, error }: FileResult): string[] {
  if (!output) return [itemId, '', '', '', '', '', styleText('red', `${error?.code}: ${error?.message}`)];
  const { kind, title, language, pages, words, keyPhrases } = output;
  const about = keyPhrases.slice(0, 2).join(', ').slice(0, 50);
  return [
    itemId,
    kind,
    title ?? '',
    language ?? '',
    pages === null ? '' : String(pages),
    String(words),
    about,
  ];
}

/** Compares the results with the samples' known contents. */
export function problemsOf(job: JobView, results: readonly FileResult[], summary: FilesSummary): string[] {
  const bad = samples.filter(({ fails }) => fails !== undefined).length;
  const problems = samples.flatMap((sample) => problemOf(sample, results) ?? []);
  if (job.status !== 'partial' || job.errorCount !== bad) {
    problems.push(`The job ended as '${job.status}' with ${job.errorCount} failures`);
  }
  if (summary.files !== samples.length || !summary.context.includes('northern channel')) {
    problems.push('The summary is not of these files');
  }
  return problems;
}

function problemOf({ name, fails }: Sample, results: readonly FileResult[]): string | undefined {
  const found = results.find(({ itemId }) => itemId === name);
  if (!found) return `${name} has no outcome`;
  if (fails === undefined) return found.output ? undefined : `${name} failed: ${found.error?.code}`;
  return found.error?.code === fails ? undefined : `${name} should have failed with ${fails}`;
}
