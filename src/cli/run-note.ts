import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { formats } from '../core/formats/format.ts';

/** What may differ between two runs of the same job. */
const submitted = z.object({
  options: z.record(z.string(), z.unknown()),
  output: z.object({
    format: z.enum(formats),
    gzip: z.boolean().exactOptional(),
    bom: z.boolean().exactOptional(),
    escapeFormulas: z.boolean().exactOptional(),
  }),
  maxWorkers: z.number().exactOptional(),
  /** Rows of the file that are wanted. Default: all. */
  limit: z.number().exactOptional(),
});

export type Submitted = z.infer<typeof submitted>;

const schema = z.object({
  sourceKey: z.string(),
  /** Files of a folder that were not uploaded. */
  missing: z.array(z.string()).optional(),
  /** As the job was submitted, or last changed. */
  submitted,
  jobId: z.string().optional(),
  /** Where its output goes. */
  output: z.string().optional(),
});

/** The record of a run: the upload, and the job once it was accepted. */
export type RunRecord = z.infer<typeof schema>;

/** Remembers a run beyond the process, so that the same command finds its job again. */
export interface RunNote {
  read(): RunRecord | undefined;
  /** Atomic: no reader sees it half written, even after a crash. */
  write(record: RunRecord): void;
  forget(): void;
}

export function runNote(dataDir: string, fingerprint: string): RunNote {
  const file = join(dataDir, folder, `${fingerprint}.json`);
  return {
    read: () => recordIn(file),
    write: (record) => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(record), { flush: true });
      renameSync(`${file}.new`, file);
    },
    forget: () => rmSync(file, { force: true }),
  };
}

const folder = 'runs';

/** Undefined if there is no usable record. */
function recordIn(file: string): RunRecord | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Where the output of a job goes, according to the last command that ran it. */
export function outputOfRun(dataDir: string, jobId: string): string | undefined {
  const runs = join(dataDir, folder);
  const names = existsSync(runs) ? readdirSync(runs) : [];
  return names.map((name) => recordIn(join(runs, name))).find((record) => record?.jobId === jobId)?.output;
}
