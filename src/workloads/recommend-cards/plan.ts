import * as z from 'zod';
import type { Figures } from '../../core/forecast/figures.ts';
import { headerBytes } from '../upstream-figures.ts';
import type { CardOptions } from './options.ts';
import { itemsPerCall, largestSlice, smallestSlice } from './slice-size.ts';

/** An ordinary answer, if nothing else is given: the figures of the API that this workload was made for. */
export const expectation = z.strictObject({
  latency_ms: z.number().positive().default(2_700),
  /** The spread: 95 of 100 answers take no longer than this, in milliseconds. */
  latency_p95_ms: z.number().positive().optional(),
  answer_bytes: z.number().positive().default(35_500),
});

/** Approximate bytes of a value that replaces a placeholder. */
const valueBytes = 8;
/** Bytes of a user's own columns, and of the answer's: means of the demo's files. */
const rowBytes = 30;
const answeredBytes = 110;

/** What a user takes. One worker makes all calls: `max_workers` is the number of its slots. */
export function cardFigures({ api, processing }: CardOptions, expect: unknown = {}): Figures {
  const { latency_ms: typical, latency_p95_ms: p95, answer_bytes: bytesIn } = expectation.parse(expect);
  const { requests_per_second: perSecond } = api;
  const body = JSON.stringify(api.body_template).replaceAll(/\{\{[^{}]*\}\}/g, 'x'.repeat(valueBytes));
  const headers = JSON.stringify(api.headers);
  return {
    itemMs: { typical, ...(p95 !== undefined && { p95 }) },
    worker: { most: 1 },
    callsOf: {
      option: 'max_workers',
      sliceItems: itemsPerCall,
      smallest: smallestSlice,
      largest: largestSlice,
    },
    upstreams: [
      {
        name: new URL(api.url).host,
        callsPerItem: 1,
        bytesIn,
        bytesOut: headerBytes + body.length + headers.length,
        latencyMs: typical,
        ...(perSecond !== undefined && { rates: [{ perSecond, burst: Math.max(1, perSecond) }] }),
      },
    ],
    sourceBytes: rowBytes,
    outputBytes: answeredBytes,
    assumed: [
      `an answer takes ${typical} ms and has ${bytesIn} bytes, however many calls are under way: see "expect"`,
      processing.adaptive
        ? `adaptive: the ${processing.max_workers} of max_workers; fewer when the API slows down or refuses`
        : `processing.adaptive is false: always the ${processing.max_workers} of max_workers`,
      'not counted: the stand-by worker, which may double the time of workers',
    ],
  };
}
