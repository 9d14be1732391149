import { createReadStream, readFileSync } from 'node:fs';
import type { RunFacts } from '../core/forecast/figures.ts';
import { openRows } from '../core/formats/open-rows.ts';
import type { ReadOptions } from '../core/formats/options.ts';
import type { Workload } from '../core/jobs/workload.ts';
import { checked } from '../core/json/check.ts';
import { parseJson } from '../core/json/text.ts';
import { inputFile, inputFiles } from './input-files.ts';
import { UsageError } from './usage-error.ts';

/** What an input shows about a run, with its options if it is a request. */
export interface KnownInput {
  facts: RunFacts;
  options?: Record<string, unknown>;
}

/** The maximum size of a request in bytes; a larger file holds rows. */
const largestRequest = 10 * 2 ** 20;

/**
 * Counts a run's items: the files of a folder if those are the items, the items in a request's body, or the
 * rows of a file of any format. Throws a {@link UsageError} or a `FileError`.
 */
export async function knownInput(
  paths: readonly string[],
  reading: Pick<ReadOptions, 'format' | 'encoding' | 'sheet' | 'skipRows'>,
  workload?: Workload,
): Promise<KnownInput> {
  if (workload?.items === 'files') {
    const files = inputFiles(paths);
    return { facts: { items: files.length, fileBytes: files.reduce((sum, { bytes }) => sum + bytes, 0) } };
  }
  const [path = '', ...others] = paths;
  if (others.length > 0) throw new UsageError(`One file of rows is taken, but ${paths.length} were given.`);
  const { name, bytes } = inputFile(path, reading.format);
  const request =
    name.toLowerCase().endsWith('.json') && bytes <= largestRequest ? requestIn(path) : undefined;
  if (request) return { ...request, facts: { ...factsOf(request.items, workload), sourceBytes: bytes } };
  let items = 0;
  for await (const { rows } of openRows(createReadStream(path), { ...reading, name, batchSize: 5_000 }))
    items += rows.length;
  return { facts: { items, sourceBytes: bytes } };
}

/**
 * The items and options of a body of `POST /create-products` or `POST /jobs`; undefined if the file is no
 * such body.
 */
function requestIn(path: string): { items: unknown[]; options?: Record<string, unknown> } | undefined {
  let body: unknown;
  try {
    body = parseJson(readFileSync(path, 'utf8'));
  } catch {
    // The reader of its rows reports what is wrong with it.
    return undefined;
  }
  if (!isObject(body)) return undefined;
  const items = body.productGroups ?? (isObject(body.source) ? body.source.items : undefined);
  if (!Array.isArray(items)) return undefined;
  return { items, ...(isObject(body.options) && { options: body.options }) };
}

function factsOf(items: readonly unknown[], workload: Workload | undefined): RunFacts {
  const weights = items.flatMap((item) => {
    const parsed = workload && checked(workload.item, item);
    return workload && parsed?.success ? [workload.weight(parsed.data)] : [];
  });
  const weight = weights.reduce((sum, one) => sum + one, 0) / weights.length;
  return { items: items.length, ...(weights.length > 0 && { weight }) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
