import * as z from 'zod';
import { SpillwayError } from '../../engine/errors.ts';
import type { PlanInput } from '../../plan/input.ts';
import type { ConfigFile } from '../config-file.ts';
import { type CardOptions, cardOptions } from './options.ts';
import { sliceSizeOf } from './slice-size.ts';

const input = z.union([
  z.string().min(1),
  z.strictObject({ file: z.string().min(1), id_column: z.string().min(1).optional() }),
]);
const output = z.union([z.string().min(1), z.strictObject({ file: z.string().min(1) })]);

/** Everything that one file says of a run: `{api, processing, input, output}`. */
const config = z.strictObject({
  api: z.unknown(),
  processing: z.unknown(),
  input: input.optional(),
  output: output.optional(),
  /** What is known of the API, for the forecast. */
  expect: z.unknown().optional(),
});

/** What an answer is like where nothing else is said: the figures of the API that this was made for. */
const expectation = z.strictObject({
  latency_ms: z.number().positive().default(2_700),
  /** How it spreads: milliseconds that 95 of 100 answers do not exceed. */
  latency_p95_ms: z.number().positive().optional(),
  answer_bytes: z.number().positive().default(35_500),
});

/** Sent besides the body: request line, headers, TLS. */
const requestOverheadBytes = 400;
/** A value in place of a placeholder, about. */
const valueBytes = 8;

export const cardConfig: ConfigFile = {
  counts: { unit: 'users', every: 100 },

  read(given) {
    const { api, processing, input, output, expect } = parse(config, given);
    const idColumn = typeof input === 'object' ? input.id_column : undefined;
    const inputFile = typeof input === 'object' ? input.file : input;
    const outputFile = typeof output === 'object' ? output.file : output;
    parse(expectation, expect ?? {});
    return {
      options: {
        ...(api !== undefined && { api }),
        ...(processing !== undefined && { processing }),
        ...(idColumn !== undefined && { id_column: idColumn }),
      },
      ...(inputFile !== undefined && { input: inputFile }),
      ...(outputFile !== undefined && { output: outputFile }),
    };
  },

  figures(given) {
    const { expect = {} } = given;
    const { options } = cardConfig.read(given);
    const { latency_ms: typical, latency_p95_ms: p95, answer_bytes: bytesIn } = parse(expectation, expect);
    return planOf(parse(cardOptions(true), options), { typical, ...(p95 !== undefined && { p95 }) }, bytesIn);
  },
};

/** One worker makes the calls, all of them: `max_workers` is the number of its slots. */
function planOf(
  { api, processing }: CardOptions,
  itemMs: PlanInput['itemMs'],
  bytesIn: number,
): Omit<PlanInput, 'items'> {
  const { max_workers: slots } = processing;
  const { requests_per_second: perSecond } = api;
  const body = JSON.stringify(api.body_template).replaceAll(/\{\{[^{}]*\}\}/g, 'x'.repeat(valueBytes));
  const headers = JSON.stringify(api.headers);
  return {
    name: 'recommend-cards',
    sliceSize: sliceSizeOf(slots),
    slots,
    itemMs,
    worker: { most: 1 },
    workers: [1],
    upstreams: [
      {
        name: new URL(api.url).host,
        callsPerItem: 1,
        bytesIn,
        bytesOut: requestOverheadBytes + body.length + headers.length,
        latencyMs: itemMs.typical,
        ...(perSecond !== undefined && { rates: [{ perSecond, burst: Math.max(1, perSecond) }] }),
      },
    ],
  };
}

function parse<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw new SpillwayError('CONFIG_INVALID', `Configuration: ${problems.join('; ')}`);
}
