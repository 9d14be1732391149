import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { wordCount } from '../../examples/word-count/workload.ts';
import { parseBody } from '../../handlers/edge/input.ts';
import { fileJob, itemsJob, jobRequest } from '../../handlers/edge/requests.ts';
import { answer } from '../../src/core/jobs/answer.ts';
import { workloadOf } from '../../src/core/jobs/model/jobs-context.ts';
import { submitFile } from '../../src/core/jobs/submit-file.ts';
import { resultsOf } from '../../src/core/jobs/views/results.ts';
import { present, stateFor, viewOf } from '../../src/core/jobs/views/view.ts';
import { describeWorkload } from '../../src/workloads/describe.ts';
import { allWorkloads } from '../../src/workloads/registry.ts';
import { drain, times } from '../core/jobs/asking.ts';
import { invocation } from '../core/jobs/surroundings.ts';
import { worldOfFile } from '../core/jobs/world.ts';
import { memoryPorts } from './memory.ts';
import { withExample } from './with-example.ts';

const world = await worldOfFile();
const workloads = allWorkloads(memoryPorts(), withExample);
const jobs = { ...world.jobs(wordCount()), workloads };
const tenant = 'acme';
const sample = JSON.parse(readFileSync('events/create-job.apigw.json', 'utf8'));

/** A POST /jobs with this body, checked as the handler does. */
function posted<Body>(
  body: object,
  schemaOf: (workload: ReturnType<typeof workloadOf>) => Schema<Body>,
): Body {
  const event = { ...sample, body: JSON.stringify(body) };
  const { workload } = parseBody(event, jobRequest);
  return parseBody(event, schemaOf(workloadOf(jobs, workload)));
}
type Schema<Body> = Parameters<typeof parseBody<Body>>[1];

const rows = [{ id: 7, text: 'to be or not to be' }, { text: ' ' }, { text: 'that is the question' }];

describe('a workload that is one folder and one line', () => {
  it('takes items out of a request, and shows its results', async () => {
    const body = { workload: 'word-count', source: { items: rows }, options: { minLength: 3 } };
    const { source, options } = posted(body, itemsJob);
    const submission = { tenant, workload: 'word-count', items: source.items, options };
    const { state, outcomes } = await answer(jobs, invocation(jobs.clock), submission, times());

    expect(viewOf(state)).toMatchObject({ status: 'partial', successCount: 2, errorCount: 1 });
    const results = await Promise.all(outcomes.map((outcome) => present(jobs, 'word-count', outcome)));
    expect(results).toMatchObject([
      { index: 0, status: 'succeeded', output: { ...rows[0], words: 1 } },
      { index: 1, status: 'failed', error: { code: 'TEXT_EMPTY' } },
      { index: 2, status: 'succeeded', output: { words: 3 } },
    ]);
    const page = await resultsOf(jobs, state, { limit: 10, after: -1 });
    expect(page.results).toEqual(results);
  });

  it('refuses at the door what its schemas do not take', () => {
    const body = { workload: 'word-count', source: { items: [{ id: 1 }] } };
    expect(() => posted(body, itemsJob)).toThrow(
      expect.objectContaining({ errors: [{ path: 'source.items[0].text', message: 'must be a text' }] }),
    );
    const options = { ...body, source: { items: rows }, options: { minLenght: 3 } };
    expect(() => posted(options, itemsJob)).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ path: 'options.minLenght' })] }),
    );
  });

  it('works through a file in slices, with each row in its place', async () => {
    const key = `uploads/${tenant}/texts.csv`;
    const texts = Array.from({ length: 250 }, (_, n) => `${n},${'word '.repeat(n % 7)}`);
    await jobs.blobs.put(key, ['id,text', ...texts, ''].join('\n'), 'text/csv');
    const body = { workload: 'word-count', source: { key }, output: { format: 'jsonl' } };
    const { options, output } = posted(body, fileJob);
    const submission = { tenant, workload: 'word-count', options, source: { key }, output };
    const { id } = await submitFile(jobs, submission, { waitUntil: 0, goneAt: 0 });
    await drain(world, jobs);

    const state = await stateFor(jobs, tenant, id);
    expect(state && viewOf(state)).toMatchObject({ status: 'partial', totalItems: 250, errorCount: 36 });
    const written = String(await jobs.blobs.get(state?.job.files?.output ?? ''));
    const found = written
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(found.map(({ id }) => id)).toEqual(texts.map((_, n) => String(n)));
    expect(found.map(({ words = 0 }) => words)).toEqual(texts.map((_, n) => n % 7));
  });

  it('refuses a file without its column', async () => {
    await jobs.blobs.put(`uploads/${tenant}/odd.csv`, 'id,txt\n1,a\n', 'text/csv');
    const source = { key: `uploads/${tenant}/odd.csv` };
    const { options, output } = posted({ workload: 'word-count', source }, fileJob);
    const submission = { tenant, workload: 'word-count', options, source, output };
    await expect(submitFile(jobs, submission, { waitUntil: 0, goneAt: 0 })).rejects.toMatchObject({
      code: 'MISSING_COLUMN',
    });
  });

  it('is described with the others', () => {
    expect(describeWorkload(workloadOf(jobs, 'word-count'))).toMatchObject({
      name: 'word-count',
      columns: ['text'],
      upstreams: [],
      options: { properties: { minLength: { default: 1, minimum: 1, maximum: 50 } } },
    });
  });

  it('cannot take the name of another', () => {
    const [first] = withExample;
    if (!first) throw new Error('There is no workload');
    expect(() => allWorkloads(memoryPorts(), [...withExample, first])).toThrow(
      expect.objectContaining({
        code: 'WORKLOAD_INVALID',
        message: 'Two workloads have the name create-products',
      }),
    );
  });
});
