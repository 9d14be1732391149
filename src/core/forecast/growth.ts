/** Request units of one access to a record of `bytes`; DynamoDB counts whole units of `unitBytes`, at least 1. */
export function unitsOf(bytes: number, unitBytes: number): number {
  return Math.max(1, Math.ceil(bytes / unitBytes));
}

/** The average over a record's life, while it grows evenly `from` one size `to` another, in bytes. */
export function unitsWhileGrowing(from: number, to: number, unitBytes: number): number {
  if (to <= from) return unitsOf(from, unitBytes);
  return (areaUpTo(to, unitBytes) - areaUpTo(from, unitBytes)) / (to - from);
}

/** The area under the step function of the units, from 0 to `bytes`. */
function areaUpTo(bytes: number, unitBytes: number): number {
  const full = Math.floor(bytes / unitBytes);
  return (unitBytes * full * (full + 1)) / 2 + (bytes - full * unitBytes) * (full + 1);
}
