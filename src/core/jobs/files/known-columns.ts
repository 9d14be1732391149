import { namesOf } from '../../json/shape.ts';
import type { Job } from '../model/job.ts';
import type { Blobs } from '../model/ports.ts';

/** More than any table has. A file with more names different things in every row, and is no table. */
const mostColumns = 16_384;

const keyOf = ({ id }: Pick<Job, 'id'>) => `jobs/${id}/columns.json`;

/**
 * The columns of all rows of a file whose rows name their own, as JSON rows do, in the order in which they first occur.
 * Gathered while the file is cut into slices, for a table of what becomes of them.
 */
export class KnownColumns {
  readonly #names: Set<string>;
  #last: readonly string[] = [];
  #saved: number;

  private constructor(names: readonly string[]) {
    this.#names = new Set(names);
    this.#saved = names.length;
  }

  /** `continued`: goes on with what an earlier worker has saved. */
  static async open(blobs: Blobs, job: Job, continued: boolean): Promise<KnownColumns> {
    return new KnownColumns(continued ? await knownColumns(blobs, job) : []);
  }

  add(row: object): void {
    const names = namesOf(row);
    const last = this.#last;
    if (names.length === last.length && names.every((name, at) => name === last[at])) return;
    this.#last = names;
    for (const name of names) if (this.#names.size < mostColumns) this.#names.add(name);
  }

  /** Saves them if there are new ones. */
  async save(blobs: Blobs, job: Job): Promise<void> {
    if (this.#names.size === this.#saved) return;
    await blobs.put(keyOf(job), JSON.stringify([...this.#names]), 'application/json');
    this.#saved = this.#names.size;
  }
}

/** The columns that were saved; none for a table, where all rows have the same. */
export async function knownColumns(blobs: Blobs, job: Job): Promise<readonly string[]> {
  const body = await blobs.get(keyOf(job));
  return body ? (JSON.parse(body.toString()) as string[]) : [];
}

/**
 * The columns of an output, given those of one row of it, those of the item that it came from, and those of all items.
 * If the row has its item's columns, other rows will have theirs: they follow the last of the item's.
 */
export function withKnown(
  columns: readonly string[],
  own: readonly string[],
  known: readonly string[],
): readonly string[] {
  const has = new Set(columns);
  const more = known.filter((name) => !has.has(name));
  if (more.length === 0 || !own.every((name) => has.has(name))) return columns;
  const items = new Set(own);
  const end = columns.findLastIndex((name) => items.has(name)) + 1;
  return [...columns.slice(0, end), ...more, ...columns.slice(end)];
}
