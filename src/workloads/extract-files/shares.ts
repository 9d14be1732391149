/**
 * The most that each may have so that all together have no more than `total`: those that want less leave the rest
 * to the others.
 */
export function fairShare(wants: readonly number[], total: number): number {
  let left = total;
  const sorted = wants.toSorted((a, b) => a - b);
  for (const [at, want] of sorted.entries()) {
    const share = left / (sorted.length - at);
    if (want > share) return Math.floor(share);
    left -= want;
  }
  return Math.max(0, ...sorted);
}
