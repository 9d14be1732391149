import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What a call to a server of the cloud may meet with. */
export const manners = ['throttle', 'error', 'busy', 'denied', 'reset', 'lost', 'broken'] as const;
type Manner = (typeof manners)[number];

type ServiceName = 's3' | 'sqs' | 'dynamodb';

/** A code and a status per service, as AWS documents them. */
const replies: Record<ServiceName, Record<'throttle' | 'error' | 'busy' | 'denied', [number, string]>> = {
  s3: {
    throttle: [503, 'SlowDown'],
    error: [500, 'InternalError'],
    busy: [503, 'ServiceUnavailable'],
    denied: [403, 'AccessDenied'],
  },
  sqs: {
    throttle: [400, 'RequestThrottled'],
    error: [500, 'InternalFailure'],
    busy: [503, 'ServiceUnavailable'],
    denied: [403, 'AccessDeniedException'],
  },
  dynamodb: {
    throttle: [400, 'ProvisionedThroughputExceededException'],
    error: [500, 'InternalServerError'],
    busy: [503, 'ServiceUnavailable'],
    denied: [400, 'AccessDeniedException'],
  },
};

/** Calls of Lambda's own poller: on AWS they are none of the service's. */
const pollers = /AmazonSQS\.(ReceiveMessage|DeleteMessage|DeleteMessageBatch|ChangeMessageVisibility)$/;

/** Names what AWS would never let a tenant see. */
export const secretDetail = 'arn:aws:iam::123456789012:role/spillway';

export interface FrontOptions {
  target: string;
  service: ServiceName;
  /** Share of the calls that fail, 0 to 1. */
  share: number;
  /** Uniform in [0, 1). */
  random: () => number;
}

/**
 * A server in front of one of the cloud's, over which a share of the calls fails in every manner: refused with a throttle,
 * a server error or denied access; reset before it is sent on; done, and its answer lost; answered by half.
 */
export async function startFront({ target, service, share, random }: FrontOptions) {
  let armed = false;
  const counts: Partial<Record<Manner | 'passed', number>> = {};
  const draw = (incoming: IncomingMessage): Manner | undefined => {
    if (!armed || pollers.test(String(incoming.headers['x-amz-target'] ?? ''))) return undefined;
    if (random() >= share) return undefined;
    return manners[Math.floor(random() * manners.length)];
  };

  const server = createServer(async (incoming, outgoing) => {
    const manner = draw(incoming);
    counts[manner ?? 'passed'] = (counts[manner ?? 'passed'] ?? 0) + 1;
    if (manner === 'reset') return void incoming.socket.destroy();
    const body = await buffer(incoming).catch(() => undefined);
    if (body === undefined) return;
    if (manner !== undefined && manner !== 'lost' && manner !== 'broken') {
      return refuse(outgoing, service, ...replies[service][manner]);
    }
    const { method, url, headers } = incoming;
    const onward = request(new URL(url ?? '/', target), { method, headers }, async (answer) => {
      const content = await buffer(answer);
      if (manner === 'lost') return void incoming.socket.destroy();
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      if (manner !== 'broken' || content.length < 2) return void outgoing.end(content);
      outgoing.write(content.subarray(0, content.length / 2), () => incoming.socket.destroy());
    });
    onward.on('error', () => incoming.socket.destroy());
    onward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    /** Until then it passes everything on. */
    arm: () => {
      armed = true;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function refuse(outgoing: ServerResponse, service: ServiceName, status: number, code: string): void {
  const message = `${code}: ${secretDetail}`;
  if (service === 's3') {
    outgoing.writeHead(status, { 'content-type': 'application/xml' });
    outgoing.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
    return;
  }
  outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  outgoing.end(JSON.stringify({ __type: `com.amazonaws.${service}#${code}`, message }));
}
