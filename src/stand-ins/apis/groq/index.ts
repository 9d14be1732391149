import * as z from 'zod';
import type { Latency } from '../../physics/latency.ts';
import { calm } from '../../settings.ts';
import {
  type Api,
  type ApiDefinition,
  type ApiRequest,
  json,
  type Plan,
  type Reply,
  type World,
} from '../api.ts';
import { bearer, credential } from '../credentials.ts';
import { batchSchema, createBatches } from './batches.ts';
import { type ChatRequest, chatSchema, maxCompletionTokens } from './chat-request.ts';
import { complete } from './completion.ts';
import { failure, invalidRequest, notFound } from './errors.ts';
import { createFiles } from './files.ts';
import { chatCost, groqLimits, rateError, rateHeaders, tokenLimit } from './rate-limits.ts';

/** Groq: chats with a model, singly or in batches. Any model is served but those whose names begin with `unknown`. */
export const groq: ApiDefinition = {
  defaults: calm({ latency: { kind: 'log-normal', medianMs: 2000, sigma: 0.4 }, limits: groqLimits }),
  create,
};

const capacityExceeded = () =>
  failure(498, 'Capacity exceeded, please try again', 'flex', 'capacity_exceeded');

/** Of what has nothing to do with a model. */
const fileLatency: Latency = { kind: 'constant', ms: 100 };

function create(world: World): Api {
  const { time, limits, random, poisonIn } = world;
  const files = createFiles(world);
  const batches = createBatches(world, files);

  function chat(request: ChatRequest, account: string): Plan | Reply {
    const { model, messages, response_format: format, service_tier: tier } = request;
    if (model.startsWith('unknown')) {
      const message = `The model \`${model}\` does not exist or you do not have access to it.`;
      return failure(404, message, 'invalid_request_error', 'model_not_found');
    }
    if (format?.type === 'json_object' && !messages.some(({ content }) => /json/i.test(content))) {
      const rule =
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
      return invalidRequest(rule);
    }
    const last = messages.at(-1)?.content ?? '';
    const completion = complete(request, random('groq', JSON.stringify(request)), time.epochMs());
    const { prompt_tokens: prompt, total_tokens: used } = completion.usage;
    // The longest answer that the caller allows is reserved, and what it did not need is given back.
    const reserved = Math.max(used, prompt + (maxCompletionTokens(request) ?? 0));
    return {
      keys: [last.slice(0, 80), ...poisonIn(last)],
      account,
      cost: chatCost(reserved, tier),
      answer: () => {
        limits.bucket(tokenLimit(tier), account)?.give(time.now(), reserved - used);
        return json(200, completion);
      },
    };
  }

  /** A request about files or batches: none of them counts against the limits. */
  function filing(account: string, key: string, answer: () => Reply): Plan {
    return { keys: [key], account, cost: {}, latency: fileLatency, answer };
  }

  const found = (what: string, value: unknown) => (value === undefined ? notFound(what) : json(200, value));

  const authorized =
    (decide: (request: ApiRequest, account: string) => Plan | Reply) =>
    (request: ApiRequest): Plan | Reply => {
      const key = bearer(request.header('authorization'));
      if (credential(key) === 'valid') return decide(request, key ?? '');
      return failure(401, 'Invalid API Key', 'invalid_request_error', 'invalid_api_key');
    };

  return {
    failure: (status) => {
      if (status === 404) return failure(404, 'Unknown request URL', 'invalid_request_error', 'unknown_url');
      if (status === 498) return capacityExceeded();
      return failure(
        status,
        status === 503 ? 'Service Unavailable' : 'Internal Server Error',
        'internal_server_error',
      );
    },
    overloaded: capacityExceeded,
    throttled: (rejection) => rateError(rejection, limits, time),
    finish: (reply, { account }) =>
      account === undefined
        ? reply
        : { ...reply, headers: { ...reply.headers, ...rateHeaders(limits, account, time) } },
    routes: [
      {
        method: 'POST',
        path: '/openai/v1/chat/completions',
        operation: 'chat',
        decide: authorized((request, account) => {
          const body = chatSchema.safeParse(request.json());
          return body.success ? chat(body.data, account) : invalidRequest(z.prettifyError(body.error));
        }),
      },
      {
        method: 'POST',
        path: '/openai/v1/files',
        operation: 'uploadFile',
        decide: authorized((request, account) => {
          const file = request.form?.get('file');
          if (request.form?.get('purpose')?.text !== 'batch')
            return invalidRequest('`purpose` must be `batch`');
          if (file?.filename === undefined)
            return invalidRequest('`file` is required, as multipart/form-data');
          const { filename, text } = file;
          if (!filename.endsWith('.jsonl')) return invalidRequest('Only .jsonl files are accepted');
          return filing(account, filename, () => json(200, files.add(filename, 'batch', text)));
        }),
      },
      {
        method: 'GET',
        path: '/openai/v1/files/:id/content',
        operation: 'fileContent',
        decide: authorized((request, account) => {
          const id = request.param('id');
          return filing(account, id, () => {
            const body = files.text(id);
            if (body === undefined) return notFound('File');
            return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body };
          });
        }),
      },
      {
        method: 'POST',
        path: '/openai/v1/batches',
        operation: 'createBatch',
        decide: authorized((request, account) => {
          const body = batchSchema.safeParse(request.json());
          if (!body.success) return invalidRequest(z.prettifyError(body.error));
          const input = files.find(body.data.input_file_id);
          if (input?.purpose !== 'batch') return notFound('Input file');
          return filing(account, input.id, () => json(200, batches.start(body.data)));
        }),
      },
      {
        method: 'GET',
        path: '/openai/v1/batches',
        operation: 'listBatches',
        decide: authorized((_, account) =>
          filing(account, 'batches', () => json(200, { object: 'list', data: batches.list() })),
        ),
      },
      {
        method: 'GET',
        path: '/openai/v1/batches/:id',
        operation: 'getBatch',
        decide: authorized((request, account) => {
          const id = request.param('id');
          return filing(account, id, () => found('Batch', batches.find(id)));
        }),
      },
    ],
  };
}
