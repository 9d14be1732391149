/** Items of a slice for each call that may be under way: with 2.7 s an answer, a bit more than two minutes of work. */
const itemsPerCall = 50;
const smallest = 100;
const largest = 2_000;

/** Users in a slice: enough to keep all calls busy, few enough for a slow API to get through in a few invocations. */
export function sliceSizeOf(maxWorkers: number): number {
  return Math.min(largest, Math.max(smallest, itemsPerCall * maxWorkers));
}
