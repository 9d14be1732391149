import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Catalog } from '../workloads/create-products/catalog.ts';

/** The built-in {@link Catalog}: one DynamoDB item per product. */
export function dynamoCatalog(dynamo: DynamoDBDocumentClient, table: string): Catalog {
  return {
    async upsert({ tenant, catalogId, productId, metadata, images }, signal) {
      const now = new Date().toISOString();
      await dynamo.send(
        new UpdateCommand({
          TableName: table,
          Key: { tenant, catalogId },
          UpdateExpression:
            'SET metadata = :metadata, images = :images, updatedAt = :now, createdAt = if_not_exists(createdAt, :now)' +
            (productId === undefined ? '' : ', productId = :productId'),
          ExpressionAttributeValues: {
            ':metadata': metadata,
            ':images': images,
            ':now': now,
            ...(productId !== undefined && { ':productId': productId }),
          },
        }),
        { abortSignal: signal },
      );
    },
  };
}
