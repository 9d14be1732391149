import { randomOf, whole } from '../../../stand-ins/physics/chance.ts';

const categories = ['dining', 'groceries', 'travel', 'fuel'] as const;

/** CSV of users with their yearly spending, always the same. */
export function usersCsv(count: number, faults: ReadonlyMap<number, string> = new Map()): string {
  const rows = Array.from({ length: count }, (_, n) => faults.get(n) ?? userRow(n));
  return `user_id,${categories.join(',')}\r\n${rows.join('\r\n')}\r\n`;
}

function userRow(n: number): string {
  const random = randomOf('users', n);
  const spending = categories.map(() => (random() < 0.1 ? '' : whole(random, 10, 900) * 10));
  return `user-${String(n + 1).padStart(6, '0')},${spending.join(',')}`;
}
