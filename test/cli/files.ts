import { readFileSync, writeFileSync } from 'node:fs';

/** A CSV file of `city,n,fail`, of which each row for which `fails` holds is told to fail. */
export function writeRows(path: string, count: number, fails: (n: number) => boolean = () => false): void {
  const rows = Array.from({ length: count }, (_, n) => `City ${n},${n},${fails(n)}`);
  writeFileSync(path, `city,n,fail\r\n${rows.join('\r\n')}\r\n`);
}

/** The rows of a CSV file without its header; no cell in it has quotes. */
export function readRows(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\r\n').slice(1);
}

/** What {@link writeRows} has written. */
export const rowsOf = (count: number) => Array.from({ length: count }, (_, n) => `City ${n},${n},false`);
