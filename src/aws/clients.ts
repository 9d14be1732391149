import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { translateFaults } from './faults.ts';
import { BudgetedRetries } from './retries.ts';

export interface ClientOptions {
  /** Default: this process's. */
  env?: NodeJS.ProcessEnv;
  /** Epoch milliseconds after which a failed call is not sent again; asked at each. Default: never. */
  deadline?: () => number;
}

/**
 * The SDK's own defaults decide region, credentials and endpoints; `AWS_ENDPOINT_URL_S3`, `_SQS` and
 * `_DYNAMODB` point at other servers. Those serve buckets under paths, hence `forcePathStyle` for them. Calls fail with
 * an `InfrastructureError` or `REQUEST_REFUSED`.
 */
export function awsClients({
  env = process.env,
  deadline = () => Number.POSITIVE_INFINITY,
}: ClientOptions = {}) {
  const options = (requestTimeout: number) => ({
    requestHandler: { connectionTimeout: 3_000, requestTimeout, throwOnRequestTimeout: true },
    retryStrategy: new BudgetedRetries(deadline),
  });
  const s3 = new S3Client({
    forcePathStyle: env.AWS_ENDPOINT_URL_S3 !== undefined,
    // The default adds a checksum trailer to every upload, which presigned PUTs from browsers cannot send.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    ...options(15_000),
  });
  // A queue's URL names the host it was made on; another endpoint, where one is set, must win over it.
  const sqs = new SQSClient({
    useQueueUrlAsEndpoint: env.AWS_ENDPOINT_URL_SQS === undefined,
    ...options(5_000),
  });
  // A call takes milliseconds: one that has not been answered by then has been lost, and a second one is faster.
  const dynamodb = new DynamoDBClient(options(5_000));
  translateFaults(s3, 's3');
  translateFaults(sqs, 'sqs');
  translateFaults(dynamodb, 'dynamodb');
  return {
    s3,
    sqs,
    dynamo: DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } }),
  };
}
