import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';

const schema = z.object({
  sourceKey: z.string(),
  /** Files of a folder that were not uploaded. */
  missing: z.array(z.string()).optional(),
  jobId: z.string().optional(),
});

/** What is known of a run: the upload, and the job once it was accepted. */
export type RunRecord = z.infer<typeof schema>;

/** Remembers a run beyond the process, so that the same command finds its job again. */
export interface RunNote {
  read(): RunRecord | undefined;
  /** Never seen half written, even after a crash. */
  write(record: RunRecord): void;
  forget(): void;
}

export function runNote(dataDir: string, fingerprint: string): RunNote {
  const file = join(dataDir, 'runs', `${fingerprint}.json`);
  return {
    read: () => {
      try {
        return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
      } catch {
        // None, or none that can be used: then the run is a new one.
        return undefined;
      }
    },
    write: (record) => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(record), { flush: true });
      renameSync(`${file}.new`, file);
    },
    forget: () => rmSync(file, { force: true }),
  };
}
