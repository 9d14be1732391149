import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { dynamoLimitStore } from '../../../src/aws/limit-store.ts';
import { memoryLimitStore } from '../../../src/memory/limit-store.ts';
import { cloudOfFile } from '../jobs/cloud.ts';

const { dynamo, table: tableName } = await cloudOfFile();
const table = dynamoLimitStore(dynamo, tableName);
const memory = memoryLimitStore();

let names = 0;
const newName = () => `rate-${names++}`;

// The one in memory stands for the table in simulations: both have to keep every condition.
describe.each([
  ['the table', table],
  ['the store of the simulations', memory.store],
])('%s', (_, store) => {
  it('reserves time behind what is reserved', async () => {
    const name = newName();
    expect(await store.rate(name)).toBeUndefined();
    expect(await store.extend(name, 10, 0, 1000)).toBeUndefined();
    expect(await store.restart(name, 100, 150.5, 'a')).toEqual({ until: 150.5, stamp: 'a' });
    expect(await store.extend(name, 49.5, 150, 151)).toEqual({ until: 200, stamp: 'a' });
    expect(await store.extend(name, 10, 201, 1000)).toBeUndefined();
    expect(await store.extend(name, 10, 0, 199)).toBeUndefined();
    expect(await store.rate(name)).toEqual({ until: 200, stamp: 'a' });
  });

  it('begins anew only when what was reserved is over, and keeps the stamp', async () => {
    const name = newName();
    await store.restart(name, 100, 200, 'a');
    expect(await store.restart(name, 200, 300, 'b')).toBeUndefined();
    expect(await store.restart(name, 201, 300, 'b')).toEqual({ until: 300, stamp: 'a' });
  });

  it('reserves each time once, however many ask at once', async () => {
    const name = newName();
    await store.restart(name, 100, 100, 'a');
    const got = await Promise.all(Array.from({ length: 20 }, () => store.extend(name, 5, 0, 1e6)));
    expect(got.map((record) => record?.until).sort((a = 0, b = 0) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, at) => 105 + 5 * at),
    );
  });

  it('moves the time for one of those who have heard the same, and later for whoever has heard of later', async () => {
    const name = newName();
    await store.restart(name, 100, 200, 'a');
    expect(await store.move(name, 150, 'a', 'b')).toEqual({ until: 150, stamp: 'b' });
    expect(await store.move(name, 150, 'a', 'c')).toBeUndefined();
    expect(await store.move(name, 151, 'a', 'c')).toEqual({ until: 151, stamp: 'c' });
  });

  it('replaces a time that is too far off', async () => {
    const name = newName();
    await store.restart(name, 100, 9e15, 'a');
    expect(await store.repair(name, 9e15, 200, 'b')).toBeUndefined();
    expect(await store.repair(name, 8e15, 200, 'b')).toEqual({ until: 200, stamp: 'b' });
  });

  it('gives a probe to one of those who ask, when it is due', async () => {
    const name = newName();
    expect(await store.takeProbe(name, 100, 200)).toBe(false);
    expect(await store.openBreaker(name, { since: 50, probeAt: 100 })).toBe(true);
    expect(await store.openBreaker(name, { since: 60, probeAt: 110 })).toBe(false);
    expect(await store.takeProbe(name, 99, 200)).toBe(false);
    const taken = await Promise.all(Array.from({ length: 8 }, () => store.takeProbe(name, 100, 200)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await store.breaker(name)).toEqual({ since: 50, probeAt: 200 });
    await store.closeBreaker(name);
    expect(await store.breaker(name)).toBeUndefined();
  });
});

describe('a record damaged by hand', () => {
  const damage = (pk: string, name: string, attribute: string, value: unknown) =>
    dynamo.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { pk, sk: name },
        UpdateExpression: 'SET #attribute = :value',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: { ':value': value },
      }),
    );

  for (const value of ['tomorrow', true, null, [1], { n: 1 }]) {
    it(`${JSON.stringify(value)} instead of a time is replaced`, async () => {
      const name = newName();
      await table.restart(name, 100, 200, 'a');
      await damage('RATE', name, 'reservedUntil', value);
      expect((await table.rate(name))?.until).toBeNaN();
      expect(await table.extend(name, 10, 0, 1e6)).toBeUndefined();
      expect(await table.restart(name, 100, 200, 'b')).toBeUndefined();
      expect(await table.repair(name, 1e6, 300, 'b')).toEqual({ until: 300, stamp: 'b' });
    });
  }

  it('a stamp of another kind is a stamp', async () => {
    const name = newName();
    await table.restart(name, 100, 200, 'a');
    await damage('RATE', name, 'stamp', 7);
    expect(await table.rate(name)).toEqual({ until: 200, stamp: '7' });
  });

  it('a breaker without a proper time has a probe due', async () => {
    const name = newName();
    await table.openBreaker(name, { since: 50, probeAt: 100 });
    for (const value of ['tomorrow', 9e15]) {
      await damage('BREAKER', name, 'probeAt', value);
      expect(await table.takeProbe(name, 100, 200)).toBe(true);
      expect(await table.breaker(name)).toEqual({ since: 50, probeAt: 200 });
    }
  });
});
