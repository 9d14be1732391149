import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';

/** What of a product is stored; metadata and images as they are. */
interface Product {
  tenant: string;
  catalogId: string;
  productId?: string;
  metadata: object;
  images: readonly object[];
}

/** The built-in catalog: one DynamoDB item per product. */
export function dynamoCatalog(dynamo: DynamoDBDocumentClient, table: string) {
  return {
    async upsert(product: Product, signal: AbortSignal): Promise<void> {
      const { tenant, catalogId, productId, metadata, images } = product;
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
