import * as z from 'zod';

/** `unavailable`: 503 at once. `hang`: the connection stays open and nothing comes. `reset`: it is torn down. */
export const outageModeSchema = z.enum(['unavailable', 'hang', 'reset']);

export type OutageMode = z.infer<typeof outageModeSchema>;

/** An outage that is known beforehand: from `from` up to `to`, in milliseconds since the start, `to` excluded. */
export const outageWindowSchema = z
  .strictObject({
    from: z.number().min(0),
    to: z.number().min(0),
    mode: outageModeSchema.default('unavailable'),
  })
  .refine(({ from, to }) => from < to, { message: 'from must be before to' });

export type OutageWindow = z.infer<typeof outageWindowSchema>;

export interface Outages {
  /** How the API is down at a moment, in milliseconds since the start; undefined when it is up. */
  at(now: number): OutageMode | undefined;
  /** Begins an outage, or changes the one that was begun before. `until`: Infinity for one that is ended by hand. */
  begin(mode: OutageMode, until: number): void;
  /** Ends what `begin` began. Windows that are scheduled stay. */
  end(): void;
  schedule(windows: readonly OutageWindow[]): void;
}

export function createOutages(initial: readonly OutageWindow[]): Outages {
  let windows = initial;
  let begun: { mode: OutageMode; until: number } | undefined;
  return {
    at: (now) => {
      if (begun !== undefined && now < begun.until) return begun.mode;
      return windows.find(({ from, to }) => from <= now && now < to)?.mode;
    },
    begin: (mode, until) => {
      begun = { mode, until };
    },
    end: () => {
      begun = undefined;
    },
    schedule: (next) => {
      windows = next;
    },
  };
}
