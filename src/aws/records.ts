import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Row } from './table.ts';

type Key = Readonly<Record<string, string>>;
type Fields = Readonly<Record<string, unknown>>;

/** A workload's records in their own table, one DynamoDB item each. */
export function dynamoRecords(dynamo: DynamoDBDocumentClient, table: string) {
  return {
    /**
     * Writes these fields of a record and creates it if it does not exist; other fields stay. Also sets `updatedAt`
     * and, for a new record, `createdAt`: ISO 8601.
     */
    async upsert(key: Key, fields: Fields, signal: AbortSignal): Promise<void> {
      const { assignments, ...named } = assigned(fields, new Date().toISOString());
      const always = [...assignments, 'createdAt = if_not_exists(createdAt, :now)'];
      await dynamo.send(
        new UpdateCommand({
          TableName: table,
          Key: key,
          UpdateExpression: `SET ${always.join(', ')}`,
          ...named,
        }),
        { abortSignal: signal },
      );
    },

    async get(key: Key): Promise<Row | undefined> {
      return (await dynamo.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }))).Item;
    },

    /** The records of a partition in the order of their second keys, behind the record `after`. */
    async *list(partition: Key, pageSize: number, after?: Key): AsyncGenerator<Row> {
      const [[name, value] = []] = Object.entries(partition);
      let next: Row | undefined = after;
      do {
        const page = await dynamo.send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: '#partition = :partition',
            ExpressionAttributeNames: { '#partition': name ?? '' },
            ExpressionAttributeValues: { ':partition': value },
            ConsistentRead: true,
            Limit: pageSize,
            ExclusiveStartKey: next,
          }),
        );
        yield* (page.Items ?? []) as Row[];
        next = page.LastEvaluatedKey;
      } while (next);
    },

    /** Writes these fields of a record that was last written at `updatedAt`; undefined if it was not. */
    async change(key: Key, fields: Fields, updatedAt: string): Promise<Row | undefined> {
      const { assignments, ...named } = assigned(fields, laterThan(updatedAt));
      const { ExpressionAttributeValues: values } = named;
      try {
        const changed = await dynamo.send(
          new UpdateCommand({
            TableName: table,
            Key: key,
            UpdateExpression: `SET ${assignments.join(', ')}`,
            ConditionExpression: 'updatedAt = :before',
            ...named,
            ExpressionAttributeValues: { ...values, ':before': updatedAt },
            ReturnValues: 'ALL_NEW',
          }),
        );
        return changed.Attributes;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined;
        throw error;
      }
    },

    async remove(key: Key): Promise<void> {
      await dynamo.send(new DeleteCommand({ TableName: table, Key: key }));
    },
  };
}

/** The parts of an expression that sets these fields, and `updatedAt`. */
function assigned(fields: Fields, now: string) {
  const names = Object.keys(fields);
  return {
    assignments: [...names.map((_, n) => `#${n} = :${n}`), 'updatedAt = :now'],
    ...(names.length > 0 && {
      ExpressionAttributeNames: Object.fromEntries(names.map((name, n) => [`#${n}`, name])),
    }),
    ExpressionAttributeValues: {
      ...Object.fromEntries(names.map((name, n) => [`:${n}`, fields[name]])),
      ':now': now,
    },
  };
}

/** The time now, and in any case one that tells two writes apart. */
function laterThan(updatedAt: string): string {
  return new Date(Math.max(Date.now(), Date.parse(updatedAt) + 1)).toISOString();
}
