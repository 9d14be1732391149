import { pipeline, type Readable, Transform } from 'node:stream';
import { crc32 } from 'node:zlib';
import type { Entry } from 'yauzl';

/** An entry's content, which fails at its end unless it has the checksum that the zip states. */
export function checkedPart(content: Readable, { crc32: expected, fileName }: Entry): Readable {
  let sum = 0;
  const checked = new Transform({
    transform(chunk: Buffer, _, done) {
      sum = crc32(chunk, sum);
      done(null, chunk);
    },
    flush(done) {
      done(sum === expected ? null : new Error(`${fileName} does not have the checksum ${expected}`));
    },
  });
  // Its reader sees every error; this callback only keeps them from ending the process once nobody reads.
  return pipeline(content, checked, () => {});
}
