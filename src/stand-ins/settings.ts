import * as z from 'zod';
import { limitSchema } from './physics/bucket.ts';
import { capacitySchema } from './physics/capacity.ts';
import { latencySchema } from './physics/latency.ts';
import { outageWindowSchema } from './physics/outages.ts';

const errorStatus = z.number().int().min(400).max(599);

const errorsSchema = z.strictObject({
  /** Share of the admitted calls that fail, 0 to 1. */
  share: z.number().min(0).max(1),
  /** Status that they fail with. */
  status: errorStatus,
  /**
   * Calls about one of these always fail; where an answer has a part for each key, only that part does. A query or
   * a prompt is about what occurs in it.
   */
  keys: z.array(z.string()),
  keyStatus: errorStatus,
  /** Whether a failing call takes effect all the same, and only its answer is an error. */
  afterEffect: z.boolean(),
});

/** How one API behaves. Times are in the sandbox's own time. */
export const settingsSchema = z.strictObject({
  latency: latencySchema,
  /** By name; null where a limit is lifted. */
  limits: z.record(z.string(), limitSchema.nullable()),
  errors: errorsSchema,
  /** Null: everybody is served at once. */
  capacity: capacitySchema.nullable(),
  outages: z.array(outageWindowSchema),
});

export type Settings = z.infer<typeof settingsSchema>;

/** What may be changed: whatever is left out stays as it is, also within a limit and within the errors. */
export const settingsChangeSchema = settingsSchema
  .extend({ errors: errorsSchema.partial(), limits: z.record(z.string(), limitSchema.partial().nullable()) })
  .partial();

export type SettingsChange = z.input<typeof settingsChangeSchema>;

/** An API that never fails by itself. */
export function calm(settings: Pick<Settings, 'latency' | 'limits'> & Partial<Settings>): Settings {
  return {
    errors: { share: 0, status: 500, keys: [], keyStatus: 500, afterEffect: false },
    capacity: null,
    outages: [],
    ...settings,
  };
}

/**
 * The settings after a change. `defaults` complete a limit that was lifted. Throws ZodError, also for a limit that the
 * API does not have.
 */
export function applyChange(settings: Settings, change: SettingsChange, defaults: Settings): Settings {
  const names = Object.keys(defaults.limits);
  const schema = settingsChangeSchema.superRefine(({ limits = {} }, { addIssue }) => {
    for (const name of Object.keys(limits).filter((name) => !names.includes(name))) {
      const message = `There is no such limit, only: ${names.join(', ')}`;
      addIssue({ code: 'custom', path: ['limits', name], message });
    }
  });
  const { errors, limits = {}, ...rest } = schema.parse(change);
  const changedLimits = Object.entries(limits).map(([name, limit]) => {
    const present = settings.limits[name] ?? defaults.limits[name];
    return [name, limit && { ...present, ...limit }] as const;
  });
  return settingsSchema.parse({
    ...settings,
    ...rest,
    errors: { ...settings.errors, ...errors },
    limits: { ...settings.limits, ...Object.fromEntries(changedLimits) },
  });
}
