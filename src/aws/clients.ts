import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/**
 * The SDK's own defaults decide region, credentials, retries and endpoints; `AWS_ENDPOINT_URL` points at another
 * server, `AWS_ENDPOINT_URL_S3`, `_SQS` and `_DYNAMODB` at one for each service. Those serve buckets under paths, hence
 * `forcePathStyle` for them.
 */
export function awsClients(env: NodeJS.ProcessEnv = process.env) {
  const timeouts = { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true };
  return {
    s3: new S3Client({
      forcePathStyle: (env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL) !== undefined,
      // The default adds a checksum trailer to every upload, which presigned PUTs from browsers cannot send.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      requestHandler: timeouts,
    }),
    // A queue's URL names the host it was made on; another endpoint, where one is set, must win over it.
    sqs: new SQSClient({
      useQueueUrlAsEndpoint: (env.AWS_ENDPOINT_URL_SQS ?? env.AWS_ENDPOINT_URL) === undefined,
      requestHandler: timeouts,
    }),
    dynamo: DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler: timeouts }), {
      marshallOptions: { removeUndefinedValues: true },
    }),
  };
}
