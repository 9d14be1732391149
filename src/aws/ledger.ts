import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Learned } from '../core/engine/learned.ts';
import type { JobKey } from '../core/jobs/model/job.ts';
import type { KeyRecords, LearnedRecords, Ledger } from '../core/jobs/model/ledger.ts';
import { keys } from './ledger-items.ts';
import { dynamoJobs } from './ledger-jobs.ts';
import { dynamoSlices } from './ledger-slices.ts';
import { openTable } from './table.ts';

/**
 * {@link Ledger} in one DynamoDB table with the keys `pk` and `sk`. Conditional updates only, no transactions: each
 * step is safe to repeat, and the order of the steps makes a half-done one harmless.
 */
export function dynamoLedger(dynamo: DynamoDBDocumentClient, table: string): Ledger {
  return {
    ...dynamoJobs(dynamo, table),
    ...dynamoSlices(dynamo, table),
    ...dynamoKeys(dynamo, table),
    ...dynamoLearned(dynamo, table),
  };
}

function dynamoKeys(dynamo: DynamoDBDocumentClient, table: string): KeyRecords {
  const { get, insert, update } = openTable(dynamo, table);
  return {
    async reserveKey(key) {
      const at = keys.jobKey(key);
      const expiresAt = Math.ceil(key.creatorGoneAt / 1000) + 24 * 3600;
      if (await insert({ ...at, ...key, expiresAt })) return key;
      return ((await get(at)) as JobKey | undefined) ?? key;
    },

    async takeOverKey(key, creatorGoneAt) {
      const taken = await update(
        keys.jobKey(key),
        'SET creatorGoneAt = :new, #status = :taken',
        'creatorGoneAt = :old',
        { ':new': creatorGoneAt, ':old': key.creatorGoneAt, ':taken': 'taken over' },
      );
      return taken !== undefined;
    },
  };
}

function dynamoLearned(dynamo: DynamoDBDocumentClient, table: string): LearnedRecords {
  const { get, put } = openTable(dynamo, table);
  return {
    async learned(name) {
      const found = await get(keys.learned(name));
      return (found?.learned as Learned | undefined) ?? {};
    },

    async saveLearned(name, learned) {
      await put({ ...keys.learned(name), learned });
    },
  };
}
