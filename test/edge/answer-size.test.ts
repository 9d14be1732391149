import { describe, expect, it } from 'vitest';
import { continuation, maxAnswerBytes, roomBeside, sentBytes } from '../../handlers/edge/answer-size.ts';
import { json } from '../../handlers/edge/api.ts';

/** As the runtime sends an answer. */
const payload = (answer: object) => Buffer.byteLength(JSON.stringify(answer));
/** What Lambda accepts. */
const limit = 6 * 2 ** 20;

describe('the room of an answer', () => {
  it.each([
    ['plain letters', 'x'],
    ['quotes', '"'],
    ['backslashes', '\\'],
    ['control characters', '\u0001'],
    ['three-byte letters', '日'],
    ['emoji', '🙂'],
  ])('is filled with %s, and stays below the limit of the platform', (_, letter) => {
    const head = { jobId: 'job_1' };
    const room = roomBeside(head);
    const results: object[] = [];
    const value = { output: letter.repeat(20_000) };
    while (room.take(value)) results.push(value);
    const bytes = payload(json(200, { ...head, results, ...continuation('job_1', { cursor: 199 }) }));
    expect(bytes).toBeLessThan(limit);
    expect(bytes).toBeGreaterThan(maxAnswerBytes - 2 * sentBytes(value));
  });
});

it('an answer says where its results go on, with the same query', () => {
  expect(continuation('job_1', {})).toEqual({});
  expect(continuation('job_1', { cursor: 7 }, { status: 'failed' })).toEqual({
    cursor: '7',
    next: '/jobs/job_1/results?status=failed&cursor=7',
  });
});
