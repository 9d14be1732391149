import * as z from 'zod';
import { normal, type Random } from './chance.ts';

const ms = z.number().min(0).max(3_600_000);

/** How long an answer takes, in milliseconds. `sigma` is the standard deviation of the logarithm: 0.3 is a mild tail. */
export const latencySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), ms }),
  z
    .strictObject({ kind: z.literal('uniform'), minMs: ms, maxMs: ms })
    .refine(({ minMs, maxMs }) => minMs <= maxMs, { message: 'minMs must not be more than maxMs' }),
  z.strictObject({ kind: z.literal('log-normal'), medianMs: ms, sigma: z.number().min(0).max(3) }),
]);

export type Latency = z.infer<typeof latencySchema>;

/** Draws a latency in milliseconds. */
export function sample(latency: Latency, random: Random): number {
  switch (latency.kind) {
    case 'constant':
      return latency.ms;
    case 'uniform':
      return latency.minMs + random() * (latency.maxMs - latency.minMs);
    case 'log-normal':
      return latency.medianMs * Math.exp(latency.sigma * normal(random));
  }
}

/** The median in milliseconds. */
export function median(latency: Latency): number {
  switch (latency.kind) {
    case 'constant':
      return latency.ms;
    case 'uniform':
      return (latency.minMs + latency.maxMs) / 2;
    case 'log-normal':
      return latency.medianMs;
  }
}
