/**
 * Predicts when each item will be finished if items start in order on `concurrency` slots, a slot being refilled as
 * soon as it frees (list scheduling). `durationMs(index, rank)`: how long an item takes that starts as the `rank`-th of
 * those running then. Returns milliseconds from the start, in the order of the items.
 */
export function finishTimes(
  count: number,
  concurrency: number,
  durationMs: (index: number, rank: number) => number,
): number[] {
  const freeAt = new Array<number>(concurrency).fill(0);
  return Array.from({ length: count }, (_, index) => {
    const start = Math.min(...freeAt);
    const rank = freeAt.filter((end) => end > start).length + 1;
    const end = start + durationMs(index, rank);
    freeAt[freeAt.indexOf(start)] = end;
    return end;
  });
}
