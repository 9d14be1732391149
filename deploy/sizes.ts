import type { Archive } from './archive.ts';
import type { Architecture } from './natives.ts';

type Bytes = Pick<Archive, 'zippedBytes' | 'unzippedBytes'>;

/** A row of the table in docs/operations.md: the largest package of a kind. */
export interface PackageSize extends Bytes {
  kind: string;
}

/** Packages with native code differ by processor; the others do not. */
export const withPictures = (architecture: Architecture) => `the four that make pictures, ${architecture}`;
export const theOthers = 'any other, at most';

export function largest(kind: string, packages: readonly Bytes[]): PackageSize {
  return {
    kind,
    zippedBytes: Math.max(...packages.map(({ zippedBytes }) => zippedBytes)),
    unzippedBytes: Math.max(...packages.map(({ unzippedBytes }) => unzippedBytes)),
  };
}

export const inMegabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

const head = ['package of', 'zipped', 'unzipped'];
const row = /^\| (.+?) +\| ([\d.]+) MB +\| ([\d.]+) MB +\|$/gm;
const table = /^\| package of .*\n.*\n(\|.*\n)+/m;

/** The document with these sizes in its table. Throws if it has no table. */
export function withSizes(document: string, sizes: readonly PackageSize[]): string {
  if (!table.test(document)) throw new Error("There is no table that begins with '| package of'");
  const rows = sizes.map(({ kind, zippedBytes, unzippedBytes }) => [
    kind,
    inMegabytes(zippedBytes),
    inMegabytes(unzippedBytes),
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const rule = widths.map((width) => '-'.repeat(width));
  return document.replace(table, [head, rule, ...rows].map(line).join(''));
}

/** The sizes in the document's table. */
export function statedSizes(document: string): PackageSize[] {
  const bytes = (megabytes = '') => Number(megabytes) * 2 ** 20;
  return [...(table.exec(document)?.[0] ?? '').matchAll(row)].map(([, kind = '', zipped, unzipped]) => ({
    kind,
    zippedBytes: bytes(zipped),
    unzippedBytes: bytes(unzipped),
  }));
}
