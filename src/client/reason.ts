/** The errors of fetch say little: the reason is in their cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own =
    error instanceof AggregateError && error.message === ''
      ? error.errors.map(reasonOf).join(', ')
      : error.message;
  return error.cause === undefined ? own : `${own}: ${reasonOf(error.cause)}`;
}
