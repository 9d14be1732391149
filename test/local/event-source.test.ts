import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { awsClients } from '../../src/aws/clients.ts';
import type { ServiceOptions } from '../../src/local/service.ts';
import { Slots } from '../../src/local/slots.ts';
import { succeeded } from '../../src/local/sqs-event.ts';
import {
  eventually,
  type Fixture,
  type Note,
  sendMessages,
  startFixture,
  temporaryDirectory,
} from './harness.ts';

/** One service for the tests that need nothing special of it. */
let shared: Fixture;

beforeAll(async () => {
  let clean = () => {};
  const dataDir = temporaryDirectory((action) => {
    clean = action;
  });
  shared = await startFixture(dataDir, { workers: 8 });
  return async () => {
    await shared.service.stop();
    clean();
  };
});

async function startWith(options: Partial<ServiceOptions>): Promise<Fixture> {
  const fixture = await startFixture(temporaryDirectory(), options);
  onTestFinished(() => fixture.service.stop());
  return fixture;
}

/** Forgets what earlier tests left. */
function newNotes(fixture: Fixture, functionName: string): () => Note[] {
  const old = fixture.notes(functionName).length;
  return () => fixture.notes(functionName).slice(old);
}

/** Messages that were given to a function, in order, and how often each was received by then. */
function deliveries(notes: readonly Note[]) {
  return notes
    .filter(({ kind }) => kind === 'start')
    .flatMap(({ event }) => event.Records ?? [])
    .map(({ body, attributes }) => [JSON.parse(body).name, Number(attributes.ApproximateReceiveCount)]);
}

/** Most invocations that ran at the same time. */
function mostAtOnce(notes: readonly Note[]): number {
  let running = 0;
  return Math.max(...notes.map(({ kind }) => (kind === 'start' ? ++running : --running)));
}

async function messagesLeft({ service }: Fixture, queue: string): Promise<number> {
  const { sqs } = awsClients(service.environment);
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: service.queueUrl(queue), AttributeNames: ['All'] }),
  );
  sqs.destroy();
  return (
    Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible)
  );
}

describe('an event source', () => {
  it('delivers records in the shape of Lambda, and deletes them after success', async () => {
    const notes = newNotes(shared, 'consume');
    await sendMessages(shared.service, 'WorkQueue', [{ name: 'a' }]);
    await eventually('the end', () => notes().length === 2);
    expect(notes()[0]?.event).toEqual({
      Records: [
        {
          messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          receiptHandle: expect.any(String),
          body: '{"name":"a"}',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: expect.stringMatching(/^\d{13}$/),
            SenderId: expect.any(String),
            ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          },
          messageAttributes: {},
          md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
          eventSource: 'aws:sqs',
          eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:work',
          awsRegion: 'eu-central-1',
        },
      ],
    });
    await eventually('the queue to be empty', async () => (await messagesLeft(shared, 'WorkQueue')) === 0);
  });

  it('deletes only what succeeded; the rest comes back, and goes to the dead-letter queue in the end', async () => {
    const notes = newNotes(shared, 'consume');
    await sendMessages(shared.service, 'WorkQueue', [{ name: 'good' }, { name: 'bad', fail: 'item' }]);
    await eventually('the dead letter', () => deliveries(shared.notes('consumeDead')).length > 0);
    expect(deliveries(notes()).sort()).toEqual([
      ['bad', 1],
      ['bad', 2],
      ['good', 1],
    ]);
    expect(deliveries(shared.notes('consumeDead'))).toEqual([['bad', expect.any(Number)]]);
    expect(await messagesLeft(shared, 'WorkQueue')).toBe(0);
  });

  it('deletes nothing of a batch whose function throws', async () => {
    const notes = newNotes(shared, 'consume');
    await sendMessages(shared.service, 'WorkQueue', [
      { name: 'innocent' },
      { name: 'guilty', fail: 'batch' },
    ]);
    await eventually('redelivery', () =>
      deliveries(notes()).some(([name, count]) => name === 'innocent' && count === 2),
    );
  });

  it('runs no more at a time than its maximum concurrency', async () => {
    const notes = newNotes(shared, 'consumeOneByOne');
    const messages = Array.from({ length: 6 }, (_, name) => ({ name, ms: 150 }));
    await sendMessages(shared.service, 'NarrowQueue', messages);
    await eventually('the end', () => notes().filter(({ kind }) => kind === 'end').length === 6);
    expect(mostAtOnce(notes())).toBe(2);
    expect(deliveries(notes()).every(([, count]) => count === 1)).toBe(true);
  });

  it('shares the workers of the machine with the others, and receives nothing that has to wait', async () => {
    const fixture = await startWith({ workers: 1 });
    await sendMessages(fixture.service, 'NarrowQueue', [{ ms: 400 }, { ms: 400 }, { ms: 400 }]);
    await eventually('the start', () => fixture.notes('consumeOneByOne').length > 0);
    await sendMessages(fixture.service, 'WorkQueue', [{ ms: 100 }]);
    await eventually('the end', () => {
      return fixture.notes('consumeOneByOne').length === 6 && fixture.notes('consume').length === 2;
    });
    const events = ['consumeOneByOne', 'consume'].flatMap((name) => fixture.notes(name));
    expect(mostAtOnce(events.filter(({ function: name }) => name.endsWith('OneByOne')))).toBe(1);
    const firstReceived = fixture
      .notes('consumeOneByOne')
      .flatMap(({ event }) => event.Records ?? [])
      .map(({ attributes }) => Number(attributes.ApproximateFirstReceiveTimestamp));
    // Received when the one before was done, not all at once.
    expect(Math.max(...firstReceived) - Math.min(...firstReceived)).toBeGreaterThanOrEqual(750);
  });

  it('lets what runs finish at a stop, and kills what does not', async () => {
    const fixture = await startWith({ stopGrace: 1, workers: 2 });
    await sendMessages(fixture.service, 'WorkQueue', [{ name: 'short', ms: 400 }]);
    await sendMessages(fixture.service, 'NarrowQueue', [{ name: 'long', ms: 4_000 }]);
    await eventually(
      'both to run',
      () => fixture.notes('consume').length + fixture.notes('consumeOneByOne').length === 2,
    );
    await fixture.service.stop();
    expect(fixture.notes('consume').map(({ kind }) => kind)).toEqual(['start', 'end']);
    expect(fixture.notes('consumeOneByOne').map(({ kind }) => kind)).toEqual(['start']);
  });
});

describe('a report of item failures', () => {
  const batch = [{ messageId: 'a' }, { messageId: 'b' }];
  const failing = (...ids: unknown[]) => ({
    batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })),
  });

  it.each([
    ['that is empty', failing()],
    ['that is null', null],
    ['that is an empty object', {}],
    ['whose list is null', { batchItemFailures: null }],
  ])('%s means that all succeeded', (_, report) => expect(succeeded(batch, report)).toEqual(batch));

  it.each([
    ['an empty identifier', failing('')],
    ['a null identifier', failing(null)],
    ['an identifier under another name', { batchItemFailures: [{ id: 'a' }] }],
    ['a message that is not in the batch', failing('c')],
    ['a list that is none', { batchItemFailures: 'a' }],
  ])('with %s means that all failed', (_, report) => expect(succeeded(batch, report)).toEqual([]));

  it('names those that failed', () => {
    expect(succeeded(batch, failing('b'))).toEqual([{ messageId: 'a' }]);
    expect(succeeded(batch, failing('a', 'b', 'a'))).toEqual([]);
  });
});

describe('slots', () => {
  it('are given in the order of asking', async () => {
    const slots = new Slots(1);
    await slots.acquire();
    const order: number[] = [];
    const asked = [1, 2].map((who) => slots.acquire().then(() => order.push(who)));
    slots.release();
    await asked[0];
    expect(order).toEqual([1]);
    slots.release();
    await asked[1];
    expect(order).toEqual([1, 2]);
  });

  it('refuse a count that is none', () => expect(() => new Slots(0)).toThrow('got 0'));
});
