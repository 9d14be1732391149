import { hasSeenTheEnd, type JobEvent, jobEvents } from '../src/core/jobs/views/events.ts';
import { heartbeat, withHeartbeats } from '../src/core/jobs/views/heartbeats.ts';
import { stateFor } from '../src/core/jobs/views/view.ts';
import { streamUntil } from './edge/budget.ts';
import { jobNotFound } from './edge/problem.ts';
import { jobs } from './edge/runtime.ts';
import { bodyOf, expectCall, heartbeatMs, streamed, streamHeaders } from './edge/streamed.ts';

/** Milliseconds until a client reconnects if a stream ends before its job. */
const retryMs = 1_000;

/** GET /jobs/{id}/events: the job's progress as server-sent events, continuing after `Last-Event-ID`. */
export const handler = streamed(async (event, context, { tenant }) => {
  const { id = '' } = expectCall(event, 'GET', /^\/jobs\/(?<id>[^/]+)\/events$/);
  const found = await stateFor(jobs, tenant, id);
  if (!found) throw jobNotFound();
  const lastEventId = event.headers['last-event-id'];
  // This status stops an EventSource.
  if (hasSeenTheEnd(found, lastEventId)) return { statusCode: 204, headers: {}, body: '' };
  const headers = streamHeaders('text/event-stream');
  if (event.requestContext.http.method === 'HEAD') return { statusCode: 200, headers, body: '' };
  const gone = new AbortController();
  const until = streamUntil(context);
  const events = jobEvents(jobs, found, { lastEventId, until, signal: gone.signal });
  return { statusCode: 200, headers, body: bodyOf(events, gone, serverSent) };
});

async function* serverSent(events: AsyncGenerator<JobEvent>): AsyncGenerator<string> {
  yield `retry: ${retryMs}\n\n`;
  for await (const event of withHeartbeats(jobs.clock, heartbeatMs, events)) {
    if (event === heartbeat) yield ': nothing new\n\n';
    else {
      const { id, ended, data } = event;
      yield `id: ${id}\nevent: ${ended ? 'end' : 'progress'}\ndata: ${JSON.stringify(data)}\n\n`;
    }
  }
}
