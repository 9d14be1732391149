import { finished } from 'node:stream/promises';
import { type ResponseHead, ResponseStream } from './awslambda.ts';
import type { PartMessage } from './instance-messages.ts';

/** Sends a streamed response in parts: each when the one before it was taken, what comes meanwhile in one. */
export class PartStream extends ResponseStream {
  readonly #send: (part: PartMessage) => void;
  #onTaken = () => {};
  /** The caller went away before the end. */
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

  /** Settles when all of it has been taken. A handler that returns without an end has ended. */
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
