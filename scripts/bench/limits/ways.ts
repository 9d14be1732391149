import Bottleneck from 'bottleneck';
import { Redis } from 'ioredis';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Agent, request } from 'undici';
import { dynamoLimitStore } from '../../../src/aws/limit-store.ts';
import { sleep, systemClock } from '../../../src/core/engine/clock.ts';
import { ItemError } from '../../../src/core/engine/errors.ts';
import { createUpstream } from '../../../src/core/http/client.ts';
import type { Order, Way } from './order.ts';
import { tableClient } from './table.ts';

/** Looks one item up; resolves to the upstream's answer. */
export type Caller = (id: string, signal: AbortSignal, stopAt: number) => Promise<unknown>;

type Api = Order['apis'][number];

/** Each way to keep to a limit that several processes share, as its documentation shows it. */
export const callers: Readonly<Record<Way, (order: Order, api: Api) => Promise<Caller>>> = {
  async spillway(order, { name, url, rate }) {
    const upstream = createUpstream(
      {
        name,
        baseUrl: url,
        concurrency: order.concurrency ?? { start: order.slots, min: order.slots, max: order.slots },
        ...(rate && { rates: { calls: rate } }),
        ...(order.breaker && { breaker: order.breaker }),
      },
      {
        store: dynamoLimitStore(tableClient(order.tableEndpoint), 'limits'),
        clock: systemClock,
        metrics: { count: () => {}, milliseconds: () => {} },
        workers: order.workers,
        onUnreachable: (limit, error) => console.error(`${order.worker}: ${limit}: ${String(error)}`),
      },
    );
    const headers = { 'x-worker': order.worker };
    const takes = rate ? { calls: 1 } : {};
    return async (id, signal, stopAt) =>
      (await upstream.call({ path: `items/${id}`, headers, takes, signal, stopAt })).body;
  },

  async bottleneck(order, { name, url, rate }) {
    const limiter = new Bottleneck({
      id: name,
      datastore: 'ioredis',
      clientOptions: { host: '127.0.0.1', port: order.redisPort },
      Redis,
      minTime: 1000 / perSecond(rate),
    });
    await limiter.ready();
    const get = plainGet(order, url);
    return (id, signal) => limiter.schedule(() => get(id, signal));
  },

  async 'rate-limiter-flexible'(order, { name, url, rate }) {
    const limiter = new RateLimiterRedis({
      storeClient: new Redis({ host: '127.0.0.1', port: order.redisPort }),
      keyPrefix: name,
      points: perSecond(rate),
      duration: 1,
    });
    const get = plainGet(order, url);
    return async (id, signal) => {
      for (;;) {
        try {
          await limiter.consume('all');
          return await get(id, signal);
        } catch (error) {
          if (!(error instanceof RateLimiterRes)) throw error;
          await sleep(systemClock, error.msBeforeNext, signal);
        }
      }
    };
  },

  /** Three attempts with full jitter, as it is written by hand everywhere. */
  async 'hand-written'(order, { url }) {
    const get = plainGet(order, url);
    return async (id, signal) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await get(id, signal);
        } catch (error) {
          if (attempt === 3) throw error;
          await sleep(systemClock, Math.random() * 500 * 2 ** attempt, signal);
        }
      }
    };
  },
};

function perSecond(rate: Api['rate']): number {
  if (rate?.perSecond === undefined) throw new Error('This way needs a rate by the second');
  return rate.perSecond;
}

function plainGet(order: Order, url: string) {
  const dispatcher = new Agent({ connections: null });
  return async (id: string, signal: AbortSignal): Promise<unknown> => {
    const headers = { 'x-worker': order.worker };
    const { statusCode, body } = await request(`${url}/items/${id}`, { dispatcher, headers, signal });
    const answer = await body.json();
    if (statusCode !== 200) throw new ItemError(`STATUS_${statusCode}`, `Answered ${statusCode}`);
    return answer;
  };
}
