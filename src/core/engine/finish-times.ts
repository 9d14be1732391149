/**
 * Predicts when each item finishes if items start in order on `concurrency` slots and a slot takes the next item as
 * soon as it is free (list scheduling). `durationMs(index, rank)`: duration of an item that starts as the `rank`-th of
 * those then running. Returns milliseconds from the start, in the order of the items.
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
