import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { endpointIn, type ServerKind } from './endpoints.ts';
import { translateFaults } from './faults.ts';
import { BudgetedRetries } from './retries.ts';

/** Milliseconds until an answer must begin. A table or a queue normally takes a few: a new call beats a long wait. */
const requestTimeouts: Readonly<Record<ServerKind, number>> = { s3: 15_000, sqs: 5_000, dynamodb: 5_000 };

const never = () => Number.POSITIVE_INFINITY;

/**
 * Clients of S3, SQS and DynamoDB. Region, keys and endpoints come from `env`; the SDK finds missing ones by itself.
 * @param deadline epoch milliseconds after which no call is repeated; called before each retry. Default: never
 */
export function awsClients(env: NodeJS.ProcessEnv = process.env, deadline = never) {
  const optionsFor = (kind: ServerKind) => {
    const endpoint = endpointIn(env, kind)?.url;
    return {
      ...identityIn(env),
      ...(endpoint !== undefined && { endpoint }),
      requestHandler: {
        connectionTimeout: 3_000,
        requestTimeout: requestTimeouts[kind],
        throwOnRequestTimeout: true,
      },
      retryStrategy: new BudgetedRetries(deadline),
    };
  };
  return {
    s3: new S3Client({
      ...optionsFor('s3'),
      // Servers other than AWS address buckets by path.
      forcePathStyle: endpointIn(env, 's3') !== undefined,
      // The defaults add a checksum trailer to every upload, which presigned PUTs from browsers cannot send, and a header
      // to every download, which servers other than AWS may refuse.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
    // A queue's URL names the host that created the queue; a configured endpoint must take precedence.
    sqs: new SQSClient({
      ...optionsFor('sqs'),
      useQueueUrlAsEndpoint: endpointIn(env, 'sqs') === undefined,
    }),
    dynamo: DynamoDBDocumentClient.from(new DynamoDBClient(optionsFor('dynamodb')), {
      marshallOptions: { removeUndefinedValues: true },
    }),
  };
}

export type AwsClients = ReturnType<typeof awsClients>;

/** The clients of the ports: their calls fail with an `InfrastructureError` or `REQUEST_REFUSED`. */
export function portClients(env: NodeJS.ProcessEnv = process.env, deadline = never): AwsClients {
  const clients = awsClients(env, deadline);
  translateFaults(clients.s3, 's3');
  translateFaults(clients.sqs, 'sqs');
  translateFaults(clients.dynamo, 'dynamodb');
  return clients;
}

/** A profile takes precedence over keys, as in the SDK itself. */
function identityIn({ AWS_REGION: region, AWS_PROFILE, ...env }: NodeJS.ProcessEnv) {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  const credentials = !AWS_PROFILE &&
    AWS_ACCESS_KEY_ID &&
    AWS_SECRET_ACCESS_KEY && {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    };
  return { ...(region && { region }), ...(credentials && { credentials }) };
}
