import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutputFile } from '../client/contract.ts';
import { allBeside, besideOf, targetOf } from './target.ts';
import { type Chunks, writeOutput } from './write-target.ts';

/** The local paths of a job's files. */
export interface Downloads {
  output?: string;
  /** The failed rows, ready to be sent again. */
  errors?: string;
  /** The workload's summary of the whole job. */
  summary?: string;
  /** The folder with the full texts of files. */
  texts?: string;
}

/** A finished file of a job: its extension, such as `.csv.gz`, and how to have its content written. */
export interface FinishedFile {
  extension: string;
  read(write: (chunks: Chunks) => Promise<void>): Promise<void>;
}

/** Finds a job's finished file; undefined if it has none of that kind. */
export type FindFile = (file: OutputFile) => Promise<FinishedFile | undefined>;

/** Files beside an output. */
type Beside = Exclude<OutputFile, 'output'>;

/**
 * Writes a finished job's output, and beside a file its failed rows in `<name>.errors.<ext>` and its summary in
 * `<name>.summary.json`. What is left there of an earlier run is removed.
 */
export async function writeFiles(
  find: FindFile,
  output: string,
  signal: AbortSignal,
  beside: readonly Beside[] = ['errors', 'summary'],
): Promise<Downloads> {
  const files: Downloads = {};
  const found = await find('output');
  if (found) {
    await (targetOf(output).kind === 'file'
      ? found.read((chunks) => writeOutput(output, chunks, signal))
      : passOn(found, output, signal));
    files.output = output;
  }
  if (targetOf(output).kind !== 'file') return files;
  for (const file of beside) {
    const other = await find(file);
    // Failed rows have the input's format, which may differ from the output's.
    const path = other && besideOf(output, file, other.extension);
    if (path !== undefined) {
      await other?.read((chunks) => writeOutput(path, chunks, signal));
      files[file] = path;
    }
    // An old file of errors would be taken for the errors of this run.
    const stale = allBeside(output, file).filter((one) => one !== path);
    await Promise.all(stale.map((one) => rm(one, { force: true })));
  }
  return files;
}

/** A download that breaks off begins again, but what a pipe has taken is gone: so all of it comes first. */
async function passOn(found: FinishedFile, output: string, signal: AbortSignal): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'spillway-'));
  try {
    const path = join(directory, 'output');
    await found.read((chunks) => writeOutput(path, chunks, signal));
    await writeOutput(output, createReadStream(path), signal);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
