import { type Context, Hono } from 'hono';
import * as z from 'zod';
import type { Controls } from './controls.ts';
import { configureOrderSchema, logQuerySchema, outageOrderSchema } from './orders.ts';

/** The sandbox's functions over HTTP, for who runs in another process. */
export function createControl(sandbox: Controls): Hono {
  const app = new Hono();
  app.get('/log', (context) => {
    const { api, since } = logQuerySchema.parse(context.req.query());
    const calls = sandbox.log({ ...(api !== undefined && { api }), ...(since !== undefined && { since }) });
    return context.json({ calls });
  });
  app.get('/stats', (context) => context.json({ operations: sandbox.stats() }));
  app.get('/apis', (context) => context.json(sandbox.urls));
  app.post('/outage', async (context) => {
    sandbox.outage(outageOrderSchema.parse(await readJson(context)));
    return context.body(null, 204);
  });
  app.post('/configure', async (context) => {
    sandbox.configure(configureOrderSchema.parse(await readJson(context)));
    return context.body(null, 204);
  });
  app.post('/reset', (context) => {
    sandbox.reset();
    return context.body(null, 204);
  });
  app.notFound(() => problem(404, 'There is no such control.'));
  app.onError((error) => {
    if (!(error instanceof z.ZodError)) {
      console.error(error);
      return problem(500, 'The sandbox failed.');
    }
    const errors = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    return problem(400, z.prettifyError(error), { errors });
  });
  return app;
}

/** Undefined, which no order is, for what is no JSON. */
function readJson(context: Context): Promise<unknown> {
  return context.req.json<unknown>().catch(() => undefined);
}

const titles = { 400: 'Bad Request', 404: 'Not Found', 500: 'Internal Server Error' } as const;

function problem(status: 400 | 404 | 500, detail: string, more: object = {}): Response {
  return new Response(
    JSON.stringify({ type: 'about:blank', title: titles[status], status, detail, ...more }),
    {
      status,
      headers: { 'content-type': 'application/problem+json' },
    },
  );
}
