/**
 * Predicts when each item will be finished if items start in order on `concurrency` slots, a slot being refilled as
 * soon as it frees (list scheduling). Returns milliseconds from the start, in the order of `durationsMs`.
 */
export function finishTimes(durationsMs: readonly number[], concurrency: number): number[] {
  const freeAt = new Array<number>(concurrency).fill(0);
  return durationsMs.map((duration) => {
    const slot = freeAt.indexOf(Math.min(...freeAt));
    const end = (freeAt[slot] ?? 0) + duration;
    freeAt[slot] = end;
    return end;
  });
}
