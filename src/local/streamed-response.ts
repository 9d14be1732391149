import type { ResponseHead } from './awslambda.ts';
import { bodiless, httpResponse } from './http-response.ts';

/** Takes a response as it is streamed. */
export interface ResponseSink {
  begin(head: ResponseHead): void;
  /** Settles when there is room for more; rejects when nobody listens any more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Aborts when nobody listens any more. */
  readonly gone: AbortSignal;
}

/** A response on its way. */
export interface Streamed {
  /** Its head, with the body to come. Rejects as the function does if it fails before. */
  response: Promise<Response>;
  /** Settles when the function has ended, however. */
  ended: Promise<void>;
  /** Ends the body where it is, and tells the function that nobody listens. */
  stop(): void;
}

/**
 * Runs a function to an HTTP response whose body comes as the function writes it, no faster than the caller reads.
 * For a function that fails in the middle, or reaches its timeout, the connection is broken off; one that does not
 * stream is answered as any other.
 */
export function streamResponse(
  run: (sink: ResponseSink) => Promise<unknown>,
  breakOff: () => void,
): Streamed {
  const gone = new AbortController();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  // It is the caller who cancels the body.
  writer.closed.catch(() => gone.abort());
  const { promise: response, resolve, reject } = Promise.withResolvers<Response>();
  let begun = false;
  const begin = (head: ResponseHead) => {
    begun = true;
    resolve(headOf(head, readable));
  };
  const close = () => writer.close().catch(() => {});
  const ended = run({
    begin,
    // A function that writes without saying what: Lambda calls that a 200.
    write: (bytes) => {
      if (!begun) begin({});
      return writer.write(bytes);
    },
    gone: gone.signal,
  }).then(
    (result) => {
      resolve(httpResponse(result));
      close();
    },
    (error) => {
      if (begun) breakOff();
      else reject(error);
    },
  );
  return {
    response,
    ended,
    stop() {
      gone.abort();
      close();
    },
  };
}

function headOf({ statusCode = 200, headers = {}, cookies = [] }: ResponseHead, body: ReadableStream) {
  const sent = new Headers({ 'content-type': 'application/octet-stream', ...headers });
  for (const cookie of cookies) sent.append('set-cookie', cookie);
  if (!bodiless.has(statusCode)) return new Response(body, { status: statusCode, headers: sent });
  sent.delete('content-type');
  return new Response(null, { status: statusCode, headers: sent });
}
