import type { Figures, RunFacts } from '../../core/forecast/figures.ts';

/** Until a file of the tenant's uploads is there. Assumed; those of the slow bench, which take 15 to 30 s, are a stand-in's. */
const readMs = 100;
/** 8.91 s of processors for 200 documents of about ten pages: docs/benchmarks.md, extract-files. */
const cpuMs = 45;
/** A document's row: what is found in it, with an excerpt of up to 4,000 characters. And its text, in the cache and as a result. */
const rowBytes = 5_000;
const textBytes = 20_000;
/** Of a document where nobody says it. Assumed. */
const usualBytes = 300_000;

/** What a new document takes: one whose content was read before takes a read more, and two writes less. */
export function documentFigures({ items, fileBytes = items * usualBytes }: RunFacts): Figures {
  return {
    itemMs: { typical: readMs + cpuMs },
    cpuMs,
    // Read: the file's size, the file, and in vain the cache. Written: what was found and its text for the cache, the text as a result.
    itemNeeds: { gets: 3, puts: 3, storedBytes: 2 * textBytes + rowBytes + fileBytes / items },
    // The list of them.
    sourceBytes: 100,
    outputBytes: rowBytes,
    assumed: [
      `a document arrives from the store in ${readMs} ms and takes ${cpuMs} ms of a processor, like ten pages`,
      'no document was read before; for files that arrive later: --figures with {"itemMs": {"typical": 22000}}',
    ],
  };
}
