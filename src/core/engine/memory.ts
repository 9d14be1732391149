/** Up to this share of used memory, all slots may be in use. */
const roomyUpTo = 0.6;
/** From this share on, no item starts. */
const fullAt = 0.8;

/** Slots that may be in use when a share `used` (0–1) of the memory is: all, then fewer and fewer, then none. */
export function slotsFor(used: number, concurrency: number): number {
  if (used >= fullAt) return 0;
  return Math.max(
    1,
    Math.min(concurrency, Math.ceil((concurrency * (fullAt - used)) / (fullAt - roomyUpTo))),
  );
}
