/** Items in a slice for each concurrent call: at 2.7 s an answer, a little over two minutes of work. */
export const itemsPerCall = 50;
export const smallestSlice = 100;
export const largestSlice = 2_000;

/** Users in a slice: enough to keep all calls busy, few enough for a slow API to finish in a few invocations. */
export function sliceSizeOf(maxWorkers: number): number {
  return Math.min(largestSlice, Math.max(smallestSlice, itemsPerCall * maxWorkers));
}
