import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobOutput, JobView } from '../client/contract.ts';
import type { StoredJob } from '../local/stored-jobs.ts';
import type { FindFile } from './finished-files.ts';
import type { RunOptions } from './show-outcome.ts';
import { suggestions } from './suggest.ts';
import { checkTarget, extensionOf, targetOf } from './target.ts';

/** What a command that has run to its end leaves for the same command, which then needs no service. */
interface EndNote {
  jobId: string;
  input: string;
  /** SHA-256 of the input. */
  hash: string;
  output: string;
  type: JobOutput;
}

/** What {@link rememberEnd} keeps. */
export interface EndedRun {
  input: readonly string[];
  output: string;
  view: JobView;
  type: JobOutput;
}

const ended: ReadonlySet<string> = new Set(['completed', 'partial']);

/** Notes a run over a file of rows that has ended. */
export async function rememberEnd(
  workload: string,
  options: RunOptions,
  { input, output, view, type }: EndedRun,
): Promise<void> {
  const [only = '', ...others] = input;
  const key = keyOf(workload, options);
  const lasts = ended.has(view.status) && targetOf(output).kind === 'file';
  const isFile = others.length === 0 && statSync(only, { throwIfNoEntry: false })?.isFile();
  if (key === undefined || !lasts || !isFile) return;
  const note: EndNote = { jobId: view.jobId, input: only, hash: await hashOf(only), output, type };
  mkdirSync(folderIn(options.dataDir), { recursive: true });
  writeFileSync(join(folderIn(options.dataDir), key), JSON.stringify(note));
}

/**
 * Writes the files of a run that has ended once more and tells the result, if the same command has run to its end before
 * and nothing has changed. False if a service is needed.
 */
export async function tellEndedRun(workload: string, options: RunOptions): Promise<boolean> {
  const key = keyOf(workload, options);
  const note = key === undefined ? undefined : noteIn(join(folderIn(options.dataDir), key));
  if (!note || !existsSync(note.input) || (await hashOf(note.input)) !== note.hash) return false;
  const { withStoredJobs } = await import('../local/stored-jobs.ts');
  const job = await withStoredJobs(options.dataDir, (jobs) => jobs.job(note.jobId));
  if (!job || !isWritten(job, note.type)) return false;
  checkTarget(note.output, [note.input]);
  process.stderr.write(`${note.jobId}: has already ended (--again starts a new job)\n`);
  const { showOutcome } = await import('./show-outcome.ts');
  const shown = { ...options, output: note.output };
  const situation = { signal: new AbortController().signal, suggest: suggestions(options) };
  process.exitCode = (await showOutcome(job.view, filesOf(job), shown, situation)).code;
  return true;
}

function isWritten({ view, output, files }: StoredJob, type: JobOutput): boolean {
  const same = output?.format === type.format && !output.gzip === !type.gzip;
  return ended.has(view.status) && !view.finishing && same && existsSync(files.output ?? '');
}

const filesOf =
  ({ files }: StoredJob): FindFile =>
  async (file) => {
    const path = files[file];
    if (path === undefined) return undefined;
    return { extension: extensionOf(path), read: (write) => write(createReadStream(path)) };
  };

const folderIn = (dataDir: string) => join(dataDir, 'runs', 'ended');

/** Identifies a command by all that it says. Undefined if what it says is not all that decides. */
function keyOf(workload: string, options: RunOptions): string | undefined {
  const { json: _, verbose: __, again, endpoint, mergeInto, ...told } = options;
  const elsewhere = endpoint ?? (process.env.SPILLWAY_ENDPOINT || undefined);
  const fromFiles = told.set?.some((setting) => setting.includes('=@'));
  if (again || elsewhere !== undefined || mergeInto !== undefined || fromFiles) return undefined;
  const config = told.config === undefined ? '' : textOf(told.config);
  // The run says what is wrong with it.
  if (config === undefined) return undefined;
  const all = Object.entries(told).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([workload, process.cwd(), all, config]))
    .digest('hex');
}

function noteIn(file: string): EndNote | undefined {
  try {
    return JSON.parse(textOf(file) ?? '');
  } catch {
    // There is none, or a crash has left it half written.
    return undefined;
  }
}

/** Undefined if the file cannot be read. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  return hash.digest('hex');
}
