import { Writable } from 'node:stream';

/** The part of a streamed response that a handler sends before its body. */
export interface ResponseHead {
  statusCode?: number;
  headers?: Record<string, string>;
  cookies?: string[];
}

/** The stream that a streaming handler writes its response to. */
export abstract class ResponseStream extends Writable {
  abstract begin(head: ResponseHead): void;
}

export type StreamHandler = (event: unknown, stream: ResponseStream, context: unknown) => unknown;

/**
 * The global that Lambda's Node.js runtime offers to streaming handlers: `wrap` turns them into functions
 * that the runtime calls. It must exist before a handler's module is loaded.
 */
export function provideAwslambda(wrap: (handler: StreamHandler) => unknown): void {
  const awslambda = {
    streamifyResponse: wrap,
    HttpResponseStream: {
      from(stream: ResponseStream, head: ResponseHead) {
        stream.begin(head);
        return stream;
      },
    },
  };
  Object.assign(globalThis, { awslambda });
}

/** A whole streamed response, in the form of an ordinary one. */
export interface CollectedResponse extends ResponseHead {
  body: string;
}

/** Collects a handler's stream, for callers that want the response in one piece. */
export function collected(handler: StreamHandler) {
  return async (event: unknown, context: unknown): Promise<CollectedResponse> => {
    const stream = new CollectingStream();
    await handler(event, stream, context);
    return { ...stream.head, body: Buffer.concat(stream.chunks).toString('utf8') };
  };
}

class CollectingStream extends ResponseStream {
  head: ResponseHead = {};
  readonly chunks: Buffer[] = [];

  begin(head: ResponseHead): void {
    this.head = head;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }
}
