import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';

/** A workload's records in their own table, one DynamoDB item each. */
export function dynamoRecords(dynamo: DynamoDBDocumentClient, table: string) {
  return {
    /**
     * Writes these fields of a record and creates it if it does not exist; other fields stay. Also sets `updatedAt`
     * and, for a new record, `createdAt`: ISO 8601.
     */
    async upsert(
      key: Readonly<Record<string, string>>,
      fields: Readonly<Record<string, unknown>>,
      signal: AbortSignal,
    ): Promise<void> {
      const now = new Date().toISOString();
      const names = Object.keys(fields);
      const assignments = [
        ...names.map((_, n) => `#${n} = :${n}`),
        'updatedAt = :now',
        'createdAt = if_not_exists(createdAt, :now)',
      ];
      await dynamo.send(
        new UpdateCommand({
          TableName: table,
          Key: key,
          UpdateExpression: `SET ${assignments.join(', ')}`,
          ...(names.length > 0 && {
            ExpressionAttributeNames: Object.fromEntries(names.map((name, n) => [`#${n}`, name])),
          }),
          ExpressionAttributeValues: {
            ...Object.fromEntries(names.map((name, n) => [`:${n}`, fields[name]])),
            ':now': now,
          },
        }),
        { abortSignal: signal },
      );
    },
  };
}
