/** Begins the record that ends a zip. */
const signature = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
const recordBytes = 22;
const commentLengthAt = 20;

/**
 * How many bytes follow the end of a zip: some transfers and mail programs append a few, which other programs overlook.
 * 0 if none do, or if no end is found. `tail`: the last bytes of the file, all of them if it is small.
 */
export function bytesAfterZip(tail: Buffer): number {
  let at = tail.lastIndexOf(signature);
  while (at >= 0) {
    const end = at + recordBytes <= tail.length && at + recordBytes + tail.readUInt16LE(at + commentLengthAt);
    if (end !== false && end <= tail.length) return tail.length - end;
    at = at === 0 ? -1 : tail.lastIndexOf(signature, at - 1);
  }
  return 0;
}
