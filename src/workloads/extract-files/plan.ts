import type { Figures, RunFacts } from '../../core/forecast/figures.ts';

/**
 * Milliseconds to fetch a file from the tenant's uploads. Assumed; the slow bench's 15 to 30 s come from a
 * stand-in.
 */
const readMs = 100;
/** 8.91 s of CPU time for 200 documents of about ten pages: docs/benchmarks.md, extract-files. */
const cpuMs = 45;
/** A document's row, with an excerpt of up to 4,000 characters. And its text, in the cache and as a result. */
const rowBytes = 5_000;
const textBytes = 20_000;
/** Bytes of a document of unknown size. Assumed. */
const usualBytes = 300_000;

/** Bytes of a file of weight 1. */
const bytesOfWeight = 4 * 2 ** 20;

export const weightOf = (bytes: number) => Math.max(1, Math.ceil(bytes / bytesOfWeight));

/** What a new document takes. One whose content was read before takes one read more and two writes less. */
export function documentFigures({ items, fileBytes = items * usualBytes }: RunFacts): Figures {
  return {
    itemMs: { typical: readMs + cpuMs },
    cpuMs,
    weight: weightOf(fileBytes / items),
    // Reads: the file's size, the file, and the cache in vain. Writes: the findings and their text for the cache,
    // and the text as a result.
    itemNeeds: { gets: 3, puts: 3, storedBytes: 2 * textBytes + rowBytes + fileBytes / items },
    // The list of documents.
    sourceBytes: 100,
    outputBytes: rowBytes,
    assumed: [
      `a document arrives from the store in ${readMs} ms and takes ${cpuMs} ms of a processor, like ten pages`,
      'no document was read before; for files that arrive later: --figures with {"itemMs": {"typical": 22000}}',
    ],
  };
}
