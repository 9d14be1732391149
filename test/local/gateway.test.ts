import { request } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../../src/local/service.ts';
import type { Behaviour } from './fixtures/handlers/behave.ts';
import { eventually, startFixture, temporaryDirectory } from './harness.ts';

let service: Service;

beforeAll(async () => {
  let clean = () => {};
  const dataDir = temporaryDirectory((action) => {
    clean = action;
  });
  ({ service } = await startFixture(dataDir, { apiTimeout: 2, overrides: { behave: { timeout: 10 } } }));
  // The limit includes cold starts, which are not what is tested here.
  await Promise.all([
    service.invoke('gate', { headers: {} }),
    service.invoke('slow', { do: 'tell' }),
    service.invoke('behave', { do: 'tell' }),
    service.invoke('echo', {}),
  ]);
  return async () => {
    await service.stop();
    clean();
  };
});

const call = (path: string, init?: RequestInit) => fetch(service.url + path, init);
const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  call(path, { method: 'POST', body, headers });
const behave = (behaviour: Behaviour, path = '/behave') => post(path, JSON.stringify(behaviour));
const returning = (value: unknown) => behave({ do: 'return', value });

/** The event that a request became. */
async function eventOf(response: Promise<Response>) {
  const { event } = (await (await response).json()) as { event: Record<string, unknown> };
  return event;
}

async function expectProblem(response: Response, status: number, code: string) {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const { type, title, detail, ...rest } = (await response.json()) as Record<string, unknown>;
  expect([type, typeof title, typeof detail]).toEqual(['about:blank', 'string', 'string']);
  expect(rest).toEqual({ status, code });
}

describe('a request becomes an event of payload format 2.0', () => {
  it('with path, query, cookies and headers', async () => {
    const before = Date.now();
    const event = await eventOf(
      call('/echo/a%20b?x=1&x=2&y=%C3%A4', {
        headers: {
          'X-Many': 'one',
          cookie: 'a=1; b=2',
          'user-agent': 'test',
          'x-forwarded-for': '192.0.2.1',
        },
      }),
    );
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'GET /echo/{id}',
      rawPath: '/echo/a%20b',
      rawQueryString: 'x=1&x=2&y=%C3%A4',
      cookies: ['a=1', 'b=2'],
      headers: { 'x-many': 'one', 'user-agent': 'test', 'x-forwarded-for': '192.0.2.1, 127.0.0.1' },
      queryStringParameters: { x: '1,2', y: 'ä' },
      pathParameters: { id: 'a b' },
      requestContext: {
        domainName: '127.0.0.1',
        http: {
          method: 'GET',
          path: '/echo/a%20b',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'test',
        },
        routeKey: 'GET /echo/{id}',
        stage: '$default',
        time: expect.stringMatching(/^\d{2}\/\w{3}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/),
        requestId: expect.any(String),
      },
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty('cookie');
    const { timeEpoch } = event.requestContext as { timeEpoch: number };
    expect(timeEpoch).toBeGreaterThanOrEqual(before);
    expect(timeEpoch).toBeLessThanOrEqual(Date.now());
  });

  it('without the keys of what it has not', async () => {
    const event = await eventOf(call('/echo'));
    for (const key of ['body', 'cookies', 'queryStringParameters', 'pathParameters'])
      expect(event).not.toHaveProperty(key);
  });

  it.each([
    ['application/json; charset=utf-8', false],
    ['application/problem+json', false],
    ['text/csv', false],
    ['image/png', true],
    ['application/octet-stream', true],
  ])('with a body of %s (in base64: %s)', async (type, isBase64Encoded) => {
    const event = await eventOf(post('/echo', '{"ä":1}', { 'content-type': type }));
    expect(event.isBase64Encoded).toBe(isBase64Encoded);
    expect(Buffer.from(String(event.body), isBase64Encoded ? 'base64' : 'utf8').toString()).toBe('{"ä":1}');
  });

  it('of the most specific route', async () => {
    expect((await eventOf(call('/echo/special'))).routeKey).toBe('GET /echo/special');
    const event = await eventOf(call('/all/x/y/z', { method: 'PATCH' }));
    expect(event).toMatchObject({ routeKey: 'ANY /all/{rest+}', pathParameters: { rest: 'x/y/z' } });
  });
});

describe("a function's result becomes a response", () => {
  it('with status, headers, cookies and body', async () => {
    const response = await returning({
      statusCode: 201,
      headers: { Location: '/x', 'content-type': 'text/x-test' },
      cookies: ['a=1', 'b=2; HttpOnly'],
      body: 'made',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('location')).toBe('/x');
    expect(response.headers.get('content-type')).toBe('text/x-test');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2; HttpOnly']);
    expect(await response.text()).toBe('made');
  });

  it('from base64', async () => {
    const response = await returning({ statusCode: 200, body: 'AAH/', isBase64Encoded: true });
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 1, 255]);
  });

  it('of status 200 and type JSON if it is anything else', async () => {
    const response = await returning({ some: 'thing' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ some: 'thing' });
  });

  it('without a body for statuses that have none', async () => {
    expect((await returning({ statusCode: 204 })).status).toBe(204);
  });

  it.each([{ statusCode: 'many' }, { statusCode: 99 }, { statusCode: 200, body: { not: 'text' } }])(
    'unless it is malformed: %j',
    async (value) => expectProblem(await returning(value), 500, 'FUNCTION_FAILED'),
  );
});

describe('an authorizer', () => {
  it('lets pass, with its context', async () => {
    const event = await eventOf(call('/private', { headers: { 'x-pass': 'open sesame' } }));
    expect(event.requestContext).toMatchObject({ authorizer: { lambda: { tenant: 'ali-baba' } } });
  });

  it('refuses', async () => {
    await expectProblem(await call('/private', { headers: { 'x-pass': 'open barley' } }), 403, 'FORBIDDEN');
  });

  it('is not asked without what identifies the caller', async () => {
    await expectProblem(await call('/private'), 401, 'UNAUTHORIZED');
  });
});

describe('the gateway answers by itself', () => {
  it('404 to an unknown path', async () => expectProblem(await call('/nowhere'), 404, 'NOT_FOUND'));

  it('405 to another method', async () => {
    const response = await call('/echo', { method: 'DELETE' });
    expect(response.headers.get('allow')).toBe('GET, POST');
    await expectProblem(response, 405, 'METHOD_NOT_ALLOWED');
  });

  it('400 to a path that cannot be decoded', async () =>
    expectProblem(await call('/echo/%E0%A4'), 400, 'BAD_PATH'));

  it('413 to a body of more than 10 MB, and to one that makes an event of more than 6 MB', async () => {
    await expectProblem(await post('/echo', new Uint8Array(10 * 2 ** 20 + 1)), 413, 'PAYLOAD_TOO_LARGE');
    await expectProblem(await post('/echo', 'x'.repeat(7 * 2 ** 20)), 413, 'PAYLOAD_TOO_LARGE');
    expect(
      (await post('/behave', JSON.stringify({ do: 'return', value: 1, more: 'x'.repeat(5 * 2 ** 20) })))
        .status,
    ).toBe(200);
  });

  it('500 to whatever goes wrong in a function', async () => {
    await expectProblem(await behave({ do: 'throw' }), 500, 'FUNCTION_FAILED');
    await expectProblem(await behave({ do: 'exit' }), 500, 'FUNCTION_FAILED');
    await expectProblem(await call('/broken'), 500, 'FUNCTION_FAILED');
  });

  it('503, in time, when the function takes too long or none is free', async () => {
    const startedAt = Date.now();
    // One instance at most: the second request waits for it in vain.
    const responses = await Promise.all([behave({ do: 'sleep', ms: 5_000 }), behave({ do: 'tell' })]);
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    for (const response of responses) await expectProblem(response, 503, 'SERVICE_UNAVAILABLE');
  });

  it('a HEAD like any other method, and without body', async () => {
    const response = await call('/echo', { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([405, '']);
    expect((await call('/nowhere', { method: 'HEAD' })).status).toBe(404);
  });

  it('preflights, and lets every origin read answers', async () => {
    const headers = {
      origin: 'https://example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-api-key',
    };
    const preflight = await call('/echo', { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('x-api-key');
    expect((await call('/echo', { headers })).headers.get('access-control-allow-origin')).toBe('*');
    expect((await call('/nowhere', { headers })).headers.get('access-control-allow-origin')).toBe('*');
  });
});

it('a request waits for the instance of another, and is answered', async () => {
  const responses = await Promise.all([1, 2, 3].map(() => behave({ do: 'tell', ms: 100 })));
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
});

it('clients that go away in mid-request or mid-answer harm nobody', async () => {
  const upload = request(`${service.url}/echo`, { method: 'POST', headers: { 'content-length': '1000' } });
  upload.on('error', () => {});
  await new Promise((resolve) => upload.write('partial', resolve));
  upload.destroy();
  const impatient = new AbortController();
  const abandoned = call('/slow', {
    method: 'POST',
    body: '{"do":"sleep","ms":300}',
    signal: impatient.signal,
  });
  await eventually('the request to run', () => service.pids('slow').length > 0);
  impatient.abort();
  await expect(abandoned).rejects.toThrow();
  expect((await call('/echo')).status).toBe(200);
});

it('at a stop, answers in work are finished and no new requests are taken', async () => {
  const dataDir = temporaryDirectory();
  const started: string[] = [];
  const { service: stopping } = await startFixture(dataDir, {
    onInvocation: ({ functionName, ended }) => {
      if (ended === undefined) started.push(functionName);
    },
  });
  const value = 'x'.repeat(5 * 2 ** 20);
  const ask = (behaviour: Behaviour) =>
    fetch(`${stopping.url}/slow`, { method: 'POST', body: JSON.stringify(behaviour) });
  const answers = [
    ask({ do: 'return', value: 'small' }),
    ask({ do: 'sleep', ms: 500 }),
    ask({ do: 'return', value }),
  ];
  const read = Promise.all(answers.map(async (answer) => (await answer).json()));
  await eventually('all to be in work', () => started.length === 3);
  await stopping.stop();
  expect(await read).toEqual(['small', expect.objectContaining({ running: 1 }), value]);
  await expect(fetch(`${stopping.url}/echo`)).rejects.toThrow();
});
