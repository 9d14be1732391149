import * as z from 'zod';

/** A JSON Schema of the 2020-12 draft. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** How schemas are told to others: without what every whole number and every time in JavaScript has in common. */
export const conversion = {
  /** What JSON Schema cannot say, such as a transformation, is left open. */
  unrepresentable: 'any',
  override({ jsonSchema }) {
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  },
} as const satisfies z.core.ToJSONSchemaParams;

/** What may be given to a schema, as JSON Schema. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { ...conversion, io: 'input' });
  return rest;
}
