import { expect, it } from 'vitest';
import { expectCall } from '../../handlers/edge/streamed.ts';
import { storedEvent } from './events.ts';

const events = storedEvent('stream-events.url.json');
const path = /^\/jobs\/(?<id>[^/]+)\/events$/;

const asking = (method: string, rawPath: string) => ({
  ...events,
  rawPath,
  requestContext: { ...events.requestContext, http: { ...events.requestContext.http, method } },
});

it('a function URL, which has no routes, answers what it is for and refuses the rest', () => {
  expect(expectCall(events, 'GET', path)).toEqual({ id: 'job_0mvz1mt2q5b1f0c3a9d27e846' });
  expect(expectCall(asking('HEAD', '/jobs/x/events'), 'GET', path)).toEqual({ id: 'x' });
  for (const [method, rawPath, code] of [
    ['GET', '/', 'NOT_FOUND'],
    ['GET', '/jobs/x/y/events', 'NOT_FOUND'],
    ['GET', '/jobs//events', 'NOT_FOUND'],
    ['POST', '/jobs/x/events', 'METHOD_NOT_ALLOWED'],
  ] as const) {
    const refused = expect.objectContaining({ code });
    expect(() => expectCall(asking(method, rawPath), 'GET', path)).toThrow(refused);
  }
});
