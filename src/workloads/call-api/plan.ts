import * as z from 'zod';
import type { Figures } from '../../core/forecast/figures.ts';
import { headerBytes } from '../upstream-figures.ts';
import type { CallOptions } from './options.ts';
import { itemsPerCall, largestSlice, smallestSlice } from './slice-size.ts';

/** An ordinary answer, and an ordinary row. */
export interface UsualAnswer {
  latencyMs: number;
  answerBytes: number;
  /** Bytes of an item's own columns, and of those that the answer adds. */
  rowBytes: number;
  addedBytes: number;
}

/** What a configuration may say of its API, for the forecast. */
export function expectationOf({ latencyMs, answerBytes }: UsualAnswer) {
  return z.strictObject({
    latency_ms: z.number().positive().default(latencyMs),
    /** The spread: 95 of 100 answers take no longer than this, in milliseconds. */
    latency_p95_ms: z.number().positive().optional(),
    answer_bytes: z.number().positive().default(answerBytes),
    /** What the API's owner charges for a call, in USD. */
    usd_per_call: z.number().min(0).optional(),
  });
}

/** A price that the configuration says. */
const givenPrice = {
  what: 'calls',
  per: 'call',
  unitsPerItem: 1,
  page: 'expect.usd_per_call of the configuration',
  certainty: 'assumed',
} as const;

/** Approximate bytes of a value that replaces a placeholder. */
const valueBytes = 8;

/** What an item takes. One worker makes all calls: `max_workers` is the number of its slots. */
export function callFigures(
  { api, processing }: CallOptions,
  usual: UsualAnswer,
  expect: unknown = {},
): Figures {
  const expected = expectationOf(usual).parse(expect);
  const { latency_ms: typical, latency_p95_ms: p95, answer_bytes: bytesIn, usd_per_call: usd } = expected;
  const { requests_per_second: perSecond } = api;
  const { url, path = '', query = '', headers, body_template: body = '' } = api;
  const sent = JSON.stringify([path, query, headers, body]);
  const written = sent.replaceAll(/\{\{[^{}]*\}\}/g, 'x'.repeat(valueBytes));
  return {
    itemMsGiven: z.looseObject({ latency_ms: z.number() }).safeParse(expect).success,
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
        name: new URL(url).host,
        callsPerItem: 1,
        bytesIn,
        bytesOut: headerBytes + written.length,
        latencyMs: typical,
        ...(usd !== undefined && { prices: [{ ...givenPrice, usd }] }),
        ...(perSecond !== undefined && { rates: [{ perSecond, burst: Math.max(1, perSecond) }] }),
      },
    ],
    sourceBytes: usual.rowBytes,
    outputBytes: usual.rowBytes + usual.addedBytes,
    assumed: [
      `an answer takes ${typical} ms and has ${bytesIn} bytes, however many calls are under way: see "expect"`,
      processing.adaptive
        ? `adaptive: the ${processing.max_workers} of max_workers; fewer when the API slows down or refuses`
        : `processing.adaptive is false: always the ${processing.max_workers} of max_workers`,
      'not counted: the stand-by worker, which may double the time of workers',
    ],
  };
}
