/** Items of a slice for each call that may be under way: with 2.7 s an answer, a bit more than two minutes of work. */
export const itemsPerCall = 50;
export const smallestSlice = 100;
export const largestSlice = 2_000;

/** Users in a slice: enough to keep all calls busy, few enough for a slow API to get through in a few invocations. */
export function sliceSizeOf(maxWorkers: number): number {
  return Math.min(largestSlice, Math.max(smallestSlice, itemsPerCall * maxWorkers));
}
