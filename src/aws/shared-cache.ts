import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { SharedCache } from '../core/http/cache.ts';
import { openTable } from './table.ts';

/** A DynamoDB item holds at most 400 KB. Larger values are not cached, but fetched again. */
const maxValueBytes = 300_000;

/** {@link SharedCache} in a DynamoDB table with the keys `pk` and `sk`; `name` keeps caches apart. */
export function dynamoSharedCache(dynamo: DynamoDBDocumentClient, table: string, name: string): SharedCache {
  const { get, put, update, remove } = openTable(dynamo, table);
  // One partition per key: a single partition would limit the throughput of all.
  const at = (key: string) => ({ pk: `CACHE#${name}#${key}`, sk: 'CACHE' });

  return {
    async get(key, now) {
      const { kept, freshUntil } = (await get(at(key))) ?? {};
      if (typeof kept !== 'string' || typeof freshUntil !== 'number' || freshUntil <= now) return undefined;
      return { value: JSON.parse(kept), freshUntil };
    },

    async set(key, { value, freshUntil }) {
      const kept = JSON.stringify(value);
      if (Buffer.byteLength(kept) > maxValueBytes) return remove(at(key));
      await put({ ...at(key), kept, freshUntil, expiresAt: Math.ceil(freshUntil / 1000) });
    },

    async claim(key, now, until) {
      const claimed = await update(
        at(key),
        'SET claimedUntil = :until, expiresAt = :expiresAt',
        // Nor if another worker has fetched the value since the caller looked.
        '(attribute_not_exists(claimedUntil) OR claimedUntil < :now) AND ' +
          '(attribute_not_exists(freshUntil) OR freshUntil <= :now)',
        { ':until': until, ':expiresAt': Math.ceil(until / 1000), ':now': now },
      );
      return claimed !== undefined;
    },

    release: (key) => remove(at(key)),
  };
}
