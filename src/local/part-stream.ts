import { finished } from 'node:stream/promises';
import { type ResponseHead, ResponseStream } from './awslambda.ts';
import type { PartMessage } from './instance-messages.ts';

/**
 * Sends a streamed response in parts. Each part follows after the previous one was taken; data that arrives
 * in the meantime is sent as one part.
 */
export class PartStream extends ResponseStream {
  readonly #send: (part: PartMessage) => void;
  #onTaken = () => {};
  /** Whether the caller went away before the end. */
  hungUp = false;

  constructor(send: (part: PartMessage) => void) {
    super();
    this.#send = send;
  }

  begin(head: ResponseHead): void {
    this.#send({ kind: 'head', head });
  }

  taken(): void {
    this.#onTaken();
  }

  hangUp(): void {
    if (this.writableFinished) return;
    this.hungUp = true;
    this.destroy();
  }

  /** Settles when everything has been taken. A handler that returns without ending its stream has ended it. */
  async sent(): Promise<void> {
    if (!this.writableEnded) this.end();
    if (!this.writableFinished) await finished(this);
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#onTaken = done;
    if (bytes.length === 0) done();
    else this.#send({ kind: 'chunk', bytes });
  }

  override _writev(writes: { chunk: Buffer }[], done: () => void): void {
    this._write(Buffer.concat(writes.map(({ chunk }) => chunk)), '', done);
  }
}
