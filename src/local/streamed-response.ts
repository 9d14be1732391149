import type { ResponseHead } from './awslambda.ts';
import { bodiless, httpResponse } from './http-response.ts';

/** Receives a response while it is streamed. */
export interface ResponseSink {
  begin(head: ResponseHead): void;
  /** Settles when there is room for more; rejects when nobody is listening any more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Aborts when nobody is listening any more. */
  readonly gone: AbortSignal;
}

/** A response in progress. */
export interface Streamed {
  /** Its head, with the body to follow. Rejects with the function's error if that fails first. */
  response: Promise<Response>;
  /** Settles when the function has ended, successfully or not. */
  ended: Promise<void>;
  /** Ends the body at its current point, and signals the function that nobody is listening. */
  stop(): void;
}

/**
 * Runs a function and streams its HTTP response as the function writes it, no faster than the caller reads.
 * If the function fails in the middle or reaches its timeout, the connection is broken off. A function that
 * does not stream is answered like any other.
 */
export function streamResponse(
  run: (sink: ResponseSink) => Promise<unknown>,
  breakOff: () => void,
): Streamed {
  const gone = new AbortController();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  // Only the caller cancels the body.
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
    // The function writes without sending a head; Lambda treats that as a 200.
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
