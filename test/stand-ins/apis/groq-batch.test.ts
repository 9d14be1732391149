import { describe, expect, it } from 'vitest';
import { useSandbox } from '../http.ts';

const { call, get, post, sandbox } = useSandbox({ timeScale: 0.001 });
interface Batch {
  id: string;
  status: string;
  request_counts: object;
  output_file_id: string;
  error_file_id: string;
  errors: { data: readonly object[] };
}

const headers = { authorization: 'Bearer gsk_key' };

const line = (id: string, change: object = {}) => ({
  custom_id: id,
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model: 'llama-3.1-8b-instant', messages: [{ role: 'user', content: `About ${id}` }] },
  ...change,
});
const jsonLines = (lines: readonly unknown[]) => lines.map((one) => JSON.stringify(one)).join('\n');

async function upload(text: string, purpose = 'batch', filename = 'in.jsonl') {
  const form = new FormData();
  form.set('purpose', purpose);
  form.set('file', new File([text], filename));
  return call<{ id: string }>(`${sandbox().urls.groq}/openai/v1/files`, {
    method: 'POST',
    headers,
    body: form,
  });
}

const start = (input: string, change: object = {}) => {
  const order = { input_file_id: input, endpoint: '/v1/chat/completions', completion_window: '24h' };
  return post<Batch>('groq', '/openai/v1/batches', { ...order, ...change }, headers);
};

/** Asks until the batch has ended. Its own time decides when. */
async function finished(id: string) {
  for (;;) {
    const { body } = await get<Batch>('groq', `/openai/v1/batches/${id}`, headers);
    if (body.status !== 'validating' && body.status !== 'in_progress') return body;
  }
}

async function run(lines: readonly unknown[]) {
  const { body: file } = await upload(jsonLines(lines));
  const { body: batch } = await start(file.id);
  return finished(batch.id);
}

async function content(fileId: string): Promise<{ custom_id: string; response: { status_code: number } }[]> {
  const { body } = await get('groq', `/openai/v1/files/${fileId}/content`, headers);
  return String(body)
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text));
}

const ids = Array.from({ length: 300 }, (_, index) => `lead-${index}`);

it('answers every line by its custom_id, in another order', async () => {
  const batch = await run(ids.map((id) => line(id)));
  expect(batch).toMatchObject({
    ...{ object: 'batch', status: 'completed', request_counts: { total: 300, completed: 300, failed: 0 } },
    ...{ errors: null, output_file_id: expect.any(String) },
  });
  expect(batch.error_file_id).toBeUndefined();
  const answers = await content(batch.output_file_id);
  const order = answers.map(({ custom_id }) => custom_id);
  expect(order).not.toEqual(ids);
  expect(order.toSorted()).toEqual(ids.toSorted());
  expect(answers[0]).toMatchObject({
    error: null,
    response: { status_code: 200, body: { choices: [{ message: { role: 'assistant' } }] } },
  });
});

it('puts scheduled errors and unusable bodies into the file of errors', async () => {
  sandbox().configure({ api: 'groq', errors: { keys: ['lead-7'], keyStatus: 503 } });
  const batch = await run([...ids.map((id) => line(id)), line('odd', { body: { model: 'x' } })]);
  expect(batch.request_counts).toEqual({ total: 301, completed: 299, failed: 2 });
  const errors = await content(batch.error_file_id);
  const failed = errors.map(({ custom_id, response }) => [custom_id, response.status_code]);
  expect(failed.toSorted()).toEqual([
    ['lead-7', 503],
    ['odd', 400],
  ]);
});

it('takes its time, and tells how far it is', async () => {
  sandbox().configure({ api: 'groq', latency: { kind: 'constant', ms: 3_600_000 } });
  const { body: file } = await upload(jsonLines(ids.map((id) => line(id))));
  const { body: batch } = await start(file.id);
  expect(batch.status).toBe('validating');
  for (;;) {
    const { body } = await get<Batch>('groq', `/openai/v1/batches/${batch.id}`, headers);
    if (body.status === 'validating') continue;
    expect(body).toMatchObject({ status: 'in_progress', request_counts: { total: 300 } });
    expect(body.output_file_id).toBeUndefined();
    break;
  }
});

it.each([
  ['a line that is no JSON', ['not JSON'], 'invalid_json_line', 1],
  ['a wrong url', [line('a'), line('b', { url: '/v1/embeddings' })], 'invalid_json_line', 2],
  ['the same id twice', [line('a'), line('a')], 'duplicate_custom_id', 2],
])('does nothing for %s', async (_, lines, code, number) => {
  const text = lines.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))).join('\n');
  const { body: file } = await upload(text);
  const { body: batch } = await start(file.id);
  const ended = await finished(batch.id);
  expect(ended.status).toBe('failed');
  expect(ended.errors.data[0]).toMatchObject({ code, line: number });
  expect(ended.output_file_id).toBeUndefined();
});

describe('refuses', () => {
  it('files for another purpose, of another kind, and none', async () => {
    expect((await upload('{}', 'fine-tune')).status).toBe(400);
    expect((await upload('{}', 'batch', 'in.csv')).status).toBe(400);
    expect((await post('groq', '/openai/v1/files', {}, headers)).status).toBe(400);
  });

  it('batches of unknown files, of other endpoints and windows', async () => {
    const { body: file } = await upload(jsonLines([line('a')]));
    expect((await start('file_unknown')).status).toBe(404);
    expect((await start(file.id, { endpoint: '/v1/embeddings' })).status).toBe(400);
    expect((await start(file.id, { completion_window: '1h' })).status).toBe(400);
  });

  it('unknown ids', async () => {
    expect((await get('groq', '/openai/v1/batches/batch_x', headers)).status).toBe(404);
    expect((await get('groq', '/openai/v1/files/file_x/content', headers)).status).toBe(404);
  });
});
