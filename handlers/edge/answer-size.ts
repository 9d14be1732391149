import type { ResultsPage, Room } from '../../src/core/jobs/views/results.ts';

/**
 * Bytes that the body of an answer may take in what a function sends: Lambda refuses more than 6 MB (6,291,556
 * bytes), and the status and the headers need some of that. Streamed answers have no such limit.
 */
export const maxAnswerBytes = 5.5 * 2 ** 20;

/** Bytes of a text as it leaves the function: in UTF-8, as a text inside the JSON of the whole answer. */
export function sentTextBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

/** Bytes of a value as it leaves the function, as JSON. */
export function sentBytes(value: object): number {
  return sentTextBytes(JSON.stringify(value));
}

/** The room that an answer has left beside `head`, which it holds in any case. */
export function roomBeside(head: object): Room {
  let left = maxAnswerBytes - sentBytes(head);
  return {
    take(value) {
      const bytes = sentBytes(value);
      if (bytes > left) return false;
      left -= bytes;
      return true;
    },
  };
}

/** Where the results go on, if they do: the cursor, and the path of the page that begins there. */
export function continuation(
  jobId: string,
  { cursor }: Pick<ResultsPage, 'cursor'>,
  query: Readonly<Record<string, string>> = {},
): { cursor?: string; next?: string } {
  if (cursor === undefined) return {};
  const search = new URLSearchParams({ ...query, cursor: String(cursor) });
  return { cursor: String(cursor), next: `/jobs/${jobId}/results?${search}` };
}
