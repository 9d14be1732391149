import * as z from 'zod';
import { defineErrors, SpillwayError } from './errors.ts';

/** The environment of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Environment variables by name, each with the schema that parses its text. */
export type Variables = Readonly<Record<string, z.ZodType>>;

export const environmentErrors = defineErrors({
  CONFIGURATION_INVALID: {
    retryable: false,
    meaning: 'An environment variable of the service is missing or invalid.',
    whatToDo: 'Correct the variable that the message names.',
  },
});

/** Throws `CONFIGURATION_INVALID`, naming each invalid variable. */
export function readVariables<Shape extends Variables>(
  variables: Shape,
  env: Environment,
): z.output<z.ZodObject<Shape>> {
  const parsed = z.object(variables).safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new SpillwayError(environmentErrors.CONFIGURATION_INVALID, `Environment: ${problems}`);
}
