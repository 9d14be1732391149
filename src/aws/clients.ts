import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** The kinds of servers behind the ports, as the SDK's settings name them. */
export const serverKinds = ['s3', 'sqs', 'dynamodb'] as const;
export type ServerKind = (typeof serverKinds)[number];

/** Where an environment points a client at, and the setting that does; undefined where the SDK's default, AWS, holds. */
export function endpointIn(
  env: NodeJS.ProcessEnv,
  kind: ServerKind,
): { url: string; setting: string } | undefined {
  for (const setting of [`AWS_ENDPOINT_URL_${kind.toUpperCase()}`, 'AWS_ENDPOINT_URL']) {
    const url = env[setting];
    if (url) return { url, setting };
  }
  return undefined;
}

/**
 * The clients of the ports, and of all else that speaks to the same servers. Region, keys and endpoints are those of `env`;
 * what is not in it, the SDK finds by itself.
 */
export function awsClients(env: NodeJS.ProcessEnv = process.env) {
  const timeouts = { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true };
  const optionsFor = (kind: ServerKind) => {
    const endpoint = endpointIn(env, kind)?.url;
    return { ...identityIn(env), ...(endpoint !== undefined && { endpoint }), requestHandler: timeouts };
  };
  return {
    s3: new S3Client({
      ...optionsFor('s3'),
      // Servers other than AWS serve buckets under paths.
      forcePathStyle: endpointIn(env, 's3') !== undefined,
      // The defaults add a checksum trailer to every upload, which presigned PUTs from browsers cannot send, and a header
      // to every download; servers other than AWS refuse what they do not know.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
    // A queue's URL names the host it was made on; another endpoint, where one is set, must win over it.
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

/** A profile wins over keys, as in the SDK itself. */
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
