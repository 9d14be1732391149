import * as z from 'zod';
import { SpillwayError } from '../engine/errors.ts';
import type { BreakerDefinition } from '../limits/breaker.ts';
import type { RateDefinition } from '../limits/rule.ts';
import type { ConcurrencyDefinition } from './adaptive.ts';
import type { AddressGuard } from './addresses.ts';
import { httpErrors } from './http-errors.ts';
import type { Answer, Verdict } from './verdict.ts';

const mostAttempts = 10;

const milliseconds = (name: string, max: number) => {
  const error = ({ input }: { input?: unknown }) =>
    `${name} must be a whole number of milliseconds from 1 to ${max}, but was ${String(input)}`;
  return z.int({ error }).min(1, { error }).max(max, { error });
};
const attemptsError = ({ input }: { input?: unknown }) =>
  `attempts must be a whole number from 1 to ${mostAttempts}, but was ${String(input)}`;
const paceError = ({ input }: { input?: unknown }) =>
  `pace must be a number over 0, but was ${String(input)}`;
const bytesError = ({ input }: { input?: unknown }) =>
  `maxAnswerBytes must be a whole number of at least 1, but was ${String(input)}`;

const upstreamSettings = z.object({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, {
    error: ({ input }) =>
      `name must have lower-case letters, digits and '-' only, but was '${String(input)}'`,
  }),
  baseUrl: z.url({ error: ({ input }) => `baseUrl must be a URL, but was '${String(input)}'` }),
  timeoutMs: milliseconds('timeoutMs', 900_000).default(30_000),
  attempts: z
    .int({ error: attemptsError })
    .min(1, { error: attemptsError })
    .max(mostAttempts, { error: attemptsError })
    .default(3),
  pace: z.number({ error: paceError }).positive({ error: paceError }).default(1),
  maxAnswerBytes: z
    .int({ error: bytesError })
    .min(1, { error: bytesError })
    .default(16 * 2 ** 20),
});

/**
 * Somebody else's API: its address and its limits. All its calls share the derived limits, breaker and
 * connections.
 */
export interface UpstreamDefinition {
  name: string;
  baseUrl: string;
  /** Its rates by name, shared by all workers. Each call says how much it takes of which. */
  rates?: Readonly<Record<string, RateDefinition>>;
  /** For an upstream that runs faster or slower, as a sandbox may: multiplies its rates. Default: 1. */
  pace?: number;
  /** Concurrent calls of this worker. Default: 4 at the start, at most 100. */
  concurrency?: ConcurrencyDefinition;
  /** The timeout of one whole attempt, in milliseconds. Default: 30,000. */
  timeoutMs?: number;
  /** Attempts per call, including the first. Waiting for a limit or a breaker does not count. Default: 3. */
  attempts?: number;
  /** Largest accepted answer in bytes, also after decompression. Default: 16 MiB. */
  maxAnswerBytes?: number;
  breaker?: BreakerDefinition;
  /** For a URL that comes from a stranger: the addresses that it may connect to. Default: any. */
  addresses?: AddressGuard;
  /**
   * Reads the text of an answer that is JSON; throws if it is none. Default: `JSON.parse`. `parseJson` keeps numbers that a
   * double cannot hold.
   */
  parse?(text: string): unknown;
  /** Says what an answer means where HTTP alone does not. The only place that classifies this API's errors. */
  judge?(answer: Answer): Verdict;
}

export type UpstreamSettings = z.infer<typeof upstreamSettings>;

/** Checks a definition and fills in defaults. Throws `UPSTREAM_INVALID`, naming the value. */
export function checkDefinition(definition: UpstreamDefinition): UpstreamSettings {
  const parsed = upstreamSettings.safeParse(definition);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ message }) => message).join('; ');
  throw new SpillwayError(httpErrors.UPSTREAM_INVALID, `Upstream ${definition.name}: ${problems}`);
}
