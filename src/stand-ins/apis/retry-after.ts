import type { SandboxTime } from '../physics/time.ts';

/**
 * Seconds for a Retry-After header, in the caller's time. Whole ones, as RFC 9110 wants them, when time is to scale;
 * otherwise with three decimals, since a whole second may then be many times what there is to wait for.
 */
export function retryAfter(time: SandboxTime, waitMs: number): string {
  // A call that can never be let through: any number is wrong, and a large one does least harm.
  const seconds = Number.isFinite(waitMs) ? time.toReal(waitMs) / 1000 : 86_400;
  if (time.scale === 1) return String(Math.max(1, Math.ceil(seconds)));
  return String(Math.max(0.001, Math.ceil(seconds * 1000) / 1000));
}
