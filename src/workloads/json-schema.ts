import * as z from 'zod';

/** A JSON Schema of the 2020-12 draft. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * How schemas are published: without the bounds and patterns that all whole numbers and times in JavaScript share.
 */
export const conversion = {
  /** Parts that JSON Schema cannot express, such as a transformation, stay open. */
  unrepresentable: 'any',
  override({ jsonSchema }) {
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  },
} as const satisfies z.core.ToJSONSchemaParams;

/** A schema's input, as JSON Schema. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { ...conversion, io: 'input' });
  return rest;
}
