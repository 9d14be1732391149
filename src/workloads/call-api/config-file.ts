import * as z from 'zod';
import { SpillwayError } from '../../core/engine/errors.ts';
import type { ConfigFile } from '../../core/jobs/workload.ts';
import { checked } from '../../core/json/check.ts';
import { callErrors } from './call-errors.ts';
import { expectationOf, type UsualAnswer } from './plan.ts';

const input = z.union([
  z.string().min(1),
  z.strictObject({ file: z.string().min(1).optional(), id_column: z.string().min(1).optional() }),
]);
const output = z.union([z.string().min(1), z.strictObject({ file: z.string().min(1) })]);

/** The whole of a run in one file: `{api, processing, input, output}`. */
const config = z.strictObject({
  api: z.unknown().optional(),
  processing: z.unknown().optional(),
  input: input.optional(),
  output: output.optional(),
  /** What is known about the API, for the forecast. */
  expect: z.unknown().optional(),
});

/** How the configuration of such a workload is read. `unit`: what its items are called, in the plural. */
export function callConfig(unit: string, usual: UsualAnswer): ConfigFile {
  return {
    counts: { unit, every: 100 },

    read(given) {
      const { api, processing, input, output, expect } = parse(config, given);
      const idColumn = typeof input === 'object' ? input.id_column : undefined;
      const inputFile = typeof input === 'object' ? input.file : input;
      const outputFile = typeof output === 'object' ? output.file : output;
      if (expect !== undefined) parse(expectationOf(usual), expect);
      return {
        options: {
          ...(api !== undefined && { api }),
          ...(processing !== undefined && { processing }),
          ...(idColumn !== undefined && { id_column: idColumn }),
        },
        ...(inputFile !== undefined && { input: inputFile }),
        ...(outputFile !== undefined && { output: outputFile }),
        ...(expect !== undefined && { expect }),
      };
    },
  };
}

function parse<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = checked(schema, given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw new SpillwayError(callErrors.CONFIG_INVALID, `Configuration: ${problems.join('; ')}`);
}
