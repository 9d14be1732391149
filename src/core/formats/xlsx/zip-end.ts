/** Begins the record that ends a zip. */
const signature = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
const recordBytes = 22;
const directoryBytesAt = 12;
const directoryOffsetAt = 16;
const commentLengthAt = 20;

/** Where a zip lies in its file. */
export interface ZipBounds {
  from: number;
  to: number;
}

/**
 * Where the zip lies in a file of `size` bytes, in which other bytes may surround it: some transfers and mail programs
 * add a few, which other programs overlook. The whole file if no end is found. `tail`: the last bytes of the file, all
 * of them if it is small; `head`: its first ones.
 */
export function zipWithin(head: Buffer, tail: Buffer, size: number): ZipBounds {
  let at = tail.lastIndexOf(signature);
  while (at >= 0) {
    const end = at + recordBytes <= tail.length && at + recordBytes + tail.readUInt16LE(at + commentLengthAt);
    if (end !== false && end <= tail.length) {
      const tailFrom = size - tail.length;
      return { from: begins(head) ? 0 : startOf(tail, at, tailFrom), to: tailFrom + end };
    }
    at = at === 0 ? -1 : tail.lastIndexOf(signature, at - 1);
  }
  return { from: 0, to: size };
}

const begins = (head: Buffer) => head.toString('latin1', 0, 2) === 'PK';

/** The record says how far before it the zip begins. */
function startOf(tail: Buffer, at: number, tailFrom: number): number {
  const length = tail.readUInt32LE(at + directoryBytesAt) + tail.readUInt32LE(at + directoryOffsetAt);
  return Math.max(0, tailFrom + at - length);
}
