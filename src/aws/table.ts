import { setTimeout } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { refusedBy } from './faults.ts';

/** A DynamoDB item or key, as the document client returns it. */
export type Row = Record<string, unknown>;

/** Reserved words that expressions name with a `#`. DynamoDB refuses a name that no expression uses. */
const reserved = ['status', 'error', 'owner'];

function namesIn(
  expressions: string,
  others: Record<string, string>,
): { ExpressionAttributeNames?: Record<string, string> } {
  const used = reserved.filter((word) => expressions.includes(`#${word}`));
  const names = { ...Object.fromEntries(used.map((word) => [`#${word}`, word])), ...others };
  return Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: names };
}

/** DynamoDB takes at most 25 writes per batch. */
const batchSize = 25;
const batchTries = 8;
const firstPauseMs = 50;

/**
 * The operations that the ledger needs on a table with the keys `pk` and `sk`. Reads are consistent; an expression may
 * name the reserved words `status`, `error` and `owner` as `#status`, `#error` and `#owner`.
 */
export function openTable(dynamo: DynamoDBDocumentClient, table: string) {
  const get = async (key: Row): Promise<Row | undefined> =>
    (await dynamo.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;

  /** Pages of a partition, from `from` on. `more` adds to the query. */
  async function* pages(pk: string, from: Row | undefined, more: Partial<QueryCommandInput>) {
    let next = from;
    do {
      const page = await dynamo.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk },
          ConsistentRead: true,
          ExclusiveStartKey: next,
          ...more,
        }),
      );
      yield* (page.Items ?? []) as Row[];
      next = page.LastEvaluatedKey;
    } while (next);
  }

  const query = (pk: string) => pages(pk, undefined, {});

  /** Items of a partition whose sort key starts with `prefix`. */
  const startingWith = (pk: string, prefix: string) =>
    pages(pk, undefined, {
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
    });

  /** Items of a partition in descending order of their sort keys, below `before`; read `limit` at a time. */
  const latest = (pk: string, limit: number, before?: string) =>
    pages(pk, before === undefined ? undefined : { pk, sk: before }, {
      ScanIndexForward: false,
      Limit: limit,
    });

  /** The updated item; undefined if the condition did not hold. `names`: further names with a `#`. */
  const update = async (
    key: Row,
    expression: string,
    condition: string,
    values: Row,
    names: Record<string, string> = {},
  ): Promise<Row | undefined> => {
    try {
      const updated = await dynamo.send(
        new UpdateCommand({
          TableName: table,
          Key: key,
          UpdateExpression: expression,
          ConditionExpression: condition,
          ...namesIn(expression + condition, names),
          ExpressionAttributeValues: values,
          ReturnValues: 'ALL_NEW',
        }),
      );
      return updated.Attributes ?? {};
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  };

  /** False if an item with that key already exists. */
  const insert = async (item: Row): Promise<boolean> => {
    try {
      await dynamo.send(
        new PutCommand({ TableName: table, Item: item, ConditionExpression: 'attribute_not_exists(pk)' }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  };

  /** Writes all items, replacing those with the same keys. Throws an `InfrastructureError` if refusals persist. */
  const insertAll = async (items: readonly Row[]): Promise<void> => {
    for (let start = 0; start < items.length; start += batchSize) {
      let requests = items.slice(start, start + batchSize).map((Item) => ({ PutRequest: { Item } }));
      for (let tries = 0; requests.length > 0; tries += 1) {
        if (tries === batchTries) throw refusedBy('dynamodb', `${requests.length} records were not accepted`);
        const { UnprocessedItems } = await dynamo.send(
          new BatchWriteCommand({ RequestItems: { [table]: requests } }),
        );
        requests = (UnprocessedItems?.[table] ?? []) as typeof requests;
        // Full jitter, as AWS advises (Brooker, "Exponential backoff and jitter"): a refusal means overload.
        if (requests.length > 0) await setTimeout(Math.random() * firstPauseMs * 2 ** tries);
      }
    }
  };

  const put = async (item: Row): Promise<void> => {
    await dynamo.send(new PutCommand({ TableName: table, Item: item }));
  };

  const remove = async (key: Row): Promise<void> => {
    await dynamo.send(new DeleteCommand({ TableName: table, Key: key }));
  };

  return { get, query, startingWith, latest, update, insert, insertAll, put, remove };
}
