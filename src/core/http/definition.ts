import * as z from 'zod';
import { SpillwayError } from '../engine/errors.ts';
import type { BreakerDefinition } from '../limits/breaker.ts';
import type { RateDefinition } from '../limits/rule.ts';
import type { ConcurrencyDefinition } from './adaptive.ts';
import type { AddressGuard } from './addresses.ts';
import { httpErrors } from './http-errors.ts';
import type { Answer, Verdict } from './verdict.ts';

export const mostAttempts = 10;

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

/** Somebody else's API: where it is and what it allows. Derived limits, breaker and connections are shared by all its calls. */
export interface UpstreamDefinition {
  name: string;
  baseUrl: string;
  /** Its rates by name; each call says how much of which it takes. Shared by all workers. */
  rates?: Readonly<Record<string, RateDefinition>>;
  /** For an upstream whose time runs differently, as a sandbox's may: its rates are so many times those given. Default: 1. */
  pace?: number;
  /** Calls of this worker at the same time. Default: 4 to begin with, at most 100. */
  concurrency?: ConcurrencyDefinition;
  /** For one attempt, whole. Default: 30,000. */
  timeoutMs?: number;
  /** Of one call, the first included. Waiting for a limit or a breaker is no attempt. Default: 3. */
  attempts?: number;
  /** Largest answer that is read, also after decompression. Default: 16 MiB. */
  maxAnswerBytes?: number;
  breaker?: BreakerDefinition;
  /** Where the URL is a stranger's: the addresses that may be connected to. Default: any. */
  addresses?: AddressGuard;
  /** Says what an answer means, where HTTP alone does not: the one place where this API's errors are classed. */
  judge?(answer: Answer): Verdict;
}

export type UpstreamSettings = z.infer<typeof upstreamSettings>;

/** The definition's plain values, with their defaults. Throws `UPSTREAM_INVALID`, naming the value. */
export function checkDefinition(definition: UpstreamDefinition): UpstreamSettings {
  const parsed = upstreamSettings.safeParse(definition);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ message }) => message).join('; ');
  throw new SpillwayError(httpErrors.UPSTREAM_INVALID, `Upstream ${definition.name}: ${problems}`);
}
