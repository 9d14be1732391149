import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../../src/local/service.ts';
import type { Streaming, StreamNote } from './fixtures/handlers/stream.ts';
import { eventually, startFixture, temporaryDirectory } from './harness.ts';

let service: Service;
let dataDir: string;

beforeAll(async () => {
  let clean = () => {};
  dataDir = temporaryDirectory((action) => {
    clean = action;
  });
  // Streams may take longer than an answer.
  ({ service } = await startFixture(dataDir, { apiTimeout: 2 }));
  await service.invoke('stream', {});
  return async () => {
    await service.stop();
    clean();
  };
});

// Each on a connection of its own: one that breaks on purpose must not take a later request with it.
const post = (streaming: Streaming, init: RequestInit = {}) =>
  fetch(`${service.url}/stream`, {
    method: 'POST',
    body: JSON.stringify(streaming),
    headers: { connection: 'close' },
    ...init,
  });

function notes(): StreamNote[] {
  const file = join(dataDir, 'notes.jsonl.stream');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): StreamNote => JSON.parse(line));
}

describe('a streamed answer', () => {
  it('arrives as it is written, with its head', async () => {
    const response = await post({ status: 201, chunks: 3, everyMs: 150 });
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('text/x-test');
    expect(response.headers.getSetCookie()).toEqual(['a=1']);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const before = notes().length;
    const seen: string[] = [];
    for await (const chunk of response.body ?? []) {
      // The function has not ended when the first chunk is here.
      if (seen.length === 0) expect(notes().length - before).toBeLessThan(3);
      seen.push(Buffer.from(chunk).toString());
    }
    expect(seen.join('')).toBe('0\n1\n2\n');
    expect(seen.length).toBeGreaterThan(1);
  });

  it('of a function that says nothing of it is a 200 of bytes', async () => {
    const response = await post({ chunks: 1, bare: true });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'application/octet-stream',
    ]);
    expect(await response.text()).toBe('0\n');
  });

  it('is for those who ask for its type by name, where it stands beside another', async () => {
    const ask = (accept: string) =>
      fetch(`${service.url}/echo`, { method: 'POST', body: '{"chunks":1}', headers: { accept } });
    expect(await (await ask('text/html, application/x-ndjson;q=0.9')).text()).toBe('0\n');
    expect(await (await ask('*/*')).json()).toMatchObject({ event: { routeKey: 'POST /echo' } });
  });

  it('without a body, for a HEAD and for statuses that have none', async () => {
    const head = await fetch(`${service.url}/stream`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([
      200,
      'text/x-test',
      '',
    ]);
    expect((await post({ status: 204, chunks: 0 })).status).toBe(204);
  });

  it('may take longer than the gateway waits for others', async () => {
    expect(await (await post({ chunks: 3, everyMs: 750 })).text()).toBe('0\n1\n2\n');
  });

  it('breaks when its function fails or reaches its timeout', async () => {
    // The break may overtake the head of the answer: then the request fails, and not its body.
    const readWhole = async (streaming: Streaming) => (await post(streaming)).text();
    await expect(readWhole({ chunks: 1, fail: true })).rejects.toThrow();
    await expect(readWhole({ chunks: 100, everyMs: 100 })).rejects.toThrow();
    expect(await (await post({ chunks: 1 })).text()).toBe('0\n');
  });

  it('is written no faster than it is read, and not to its end when nobody reads', async () => {
    const before = notes().length;
    const megabyte = 2 ** 20;
    const caller = request(`${service.url}/stream`, { method: 'POST' });
    const arrived = new Promise((resolve) => caller.once('response', resolve));
    // The response is never read: what was written fills the buffers on the way, and that is all.
    caller.end(JSON.stringify({ chunks: 100, bytes: megabyte } satisfies Streaming));
    await arrived;
    await eventually('chunks to be written', () => notes().length > before);
    let last = -1;
    await eventually('the writing to stop', async () => {
      const seen = notes().length;
      const still = seen === last;
      last = seen;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return still;
    });
    expect(notes().length - before).toBeLessThan(50);
    caller.destroy();
    await eventually('the function to notice', () => notes().at(-1)?.hungUp === true);
    expect(notes().at(-1)?.written).toBeLessThan(50);
  });
});

it('at a stop, streams end where they are, and their functions are told', async () => {
  const { body } = await post({ chunks: 1_000, everyMs: 50 });
  const reader = body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('0\n');
  const startedAt = Date.now();
  const stopped = service.stop();
  for (let end = false; !end; ) end = (await reader?.read())?.done ?? true;
  await stopped;
  expect(notes().at(-1)).toMatchObject({ hungUp: true });
  // Long before the function's timeout.
  expect(Date.now() - startedAt).toBeLessThan(2_500);
});
