import * as z from 'zod';
import { ConfigError } from './config-error.ts';
import { type ConfigTree, isRecord } from './config-variables.ts';

/** Stands for the caller's own account in the ARNs of embedded resources. fauxqs uses the same one. */
export const localAccountId = '000000000000';

export interface QueueResource {
  kind: 'queue';
  name: string;
  arn: string;
  /** In the form that `CreateQueue` takes, without the redrive policy. */
  attributes: Record<string, string>;
  redrive?: { target: string; maxReceiveCount: number };
}

export interface TableResource {
  kind: 'table';
  name: string;
  arn: string;
  attributes: { AttributeName: string; AttributeType: 'S' | 'N' | 'B' }[];
  keys: { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[];
}

export interface BucketResource {
  kind: 'bucket';
  name: string;
  arn: string;
}

export type Resource = QueueResource | TableResource | BucketResource;

/**
 * The value of an environment variable or property: a text, or the URL of a queue, known only once the queue
 * exists.
 */
export type ConfigValue = string | { queueUrlOf: string };

const seconds = z.coerce.number().int().nonnegative();
const anything = z.unknown().optional();

const queueSchema = z.strictObject({
  QueueName: z.string().optional(),
  VisibilityTimeout: seconds.optional(),
  MessageRetentionPeriod: seconds.optional(),
  MaximumMessageSize: seconds.optional(),
  DelaySeconds: seconds.optional(),
  ReceiveMessageWaitTimeSeconds: seconds.optional(),
  RedrivePolicy: z
    .object({ deadLetterTargetArn: z.unknown(), maxReceiveCount: z.coerce.number().int().min(1) })
    .optional(),
  // Encryption, tags and permissions have no meaning on one machine.
  KmsMasterKeyId: anything,
  KmsDataKeyReusePeriodSeconds: anything,
  SqsManagedSseEnabled: anything,
  RedriveAllowPolicy: anything,
  Tags: anything,
});

const tableSchema = z.object({
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  KeySchema: z
    .array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) }))
    .min(1)
    .max(2),
  GlobalSecondaryIndexes: z.undefined({ error: 'secondary indexes are not supported' }).optional(),
  LocalSecondaryIndexes: z.undefined({ error: 'secondary indexes are not supported' }).optional(),
});

const bucketSchema = z.object({ BucketName: z.string().optional() });

/** The resources that one machine serves, by logical id. Skips types that it does not serve, such as IAM roles. */
export function readResources(
  tree: ConfigTree,
  scope: { region: string; prefix: string; bucketName?: string },
): Map<string, Resource> {
  const resources = new Map<string, Resource>();
  for (const base of resourceSections(tree)) {
    for (const id of tree.keys(base)) {
      const path = `${base}.${id}`;
      const type = tree.read(`${path}.Type`);
      if (typeof type !== 'string') throw new ConfigError(`${path}.Type`, 'is missing');
      const resource = readResource(tree, { path, id, type, ...scope });
      if (resource !== undefined) resources.set(id, resource);
    }
  }
  for (const [id, resource] of resources) {
    if (resource.kind !== 'queue' || resource.redrive === undefined) continue;
    const { target } = resource.redrive;
    if (resources.get(target)?.kind === 'queue') continue;
    throw new ConfigError(
      `${id}.Properties.RedrivePolicy.deadLetterTargetArn`,
      `there is no queue '${target}'`,
    );
  }
  return resources;
}

/** `resources` is one object, or a list of them. */
function resourceSections(tree: ConfigTree): string[] {
  const resources = tree.shallow('resources');
  if (!Array.isArray(resources)) return ['resources.Resources'];
  return resources.map((_, index) => `resources[${index}].Resources`);
}

interface ResourceSource {
  path: string;
  id: string;
  type: string;
  region: string;
  prefix: string;
  bucketName?: string;
}

function readResource(tree: ConfigTree, source: ResourceSource): Resource | undefined {
  const path = `${source.path}.Properties`;
  const arn = (service: string, rest: string) =>
    `arn:aws:${service}:${source.region}:${localAccountId}:${rest}`;
  const defaultName = `${source.prefix}-${source.id}`;
  if (source.type === 'AWS::SQS::Queue') {
    const { QueueName, RedrivePolicy, ...rest } = check(queueSchema, tree.read(path) ?? {}, path);
    const name = QueueName ?? defaultName;
    return {
      kind: 'queue',
      name,
      arn: arn('sqs', name),
      attributes: queueAttributes(rest),
      ...(RedrivePolicy && {
        redrive: {
          target: targetOf(RedrivePolicy.deadLetterTargetArn, `${path}.RedrivePolicy.deadLetterTargetArn`),
          maxReceiveCount: RedrivePolicy.maxReceiveCount,
        },
      }),
    };
  }
  if (source.type === 'AWS::DynamoDB::Table') {
    const table = check(tableSchema, tree.read(path), path);
    const name = table.TableName ?? defaultName;
    return {
      kind: 'table',
      name,
      arn: arn('dynamodb', `table/${name}`),
      attributes: table.AttributeDefinitions,
      keys: table.KeySchema,
    };
  }
  if (source.type === 'AWS::S3::Bucket') {
    const { BucketName } = check(bucketSchema, tree.read(path) ?? {}, path);
    const name = source.bucketName ?? BucketName ?? defaultName.toLowerCase();
    return { kind: 'bucket', name, arn: `arn:aws:s3:::${name}` };
  }
  return undefined;
}

/** Numbers become texts; other properties correspond to no attribute of `CreateQueue` that one machine needs. */
function queueAttributes(properties: Record<string, unknown>): Record<string, string> {
  const numbers = Object.entries(properties).filter(([, value]) => typeof value === 'number');
  return Object.fromEntries(numbers.map(([name, value]) => [name, String(value)]));
}

/** Resolves `{Ref}` and `{Fn::GetAtt: [id, Arn]}`; numbers and booleans become texts, as in an environment. */
export function resolveValue(value: unknown, resources: Map<string, Resource>, path: string): ConfigValue {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (isRecord(value) && typeof value.Ref === 'string') {
    const resource = find(value.Ref, resources, path);
    return resource.kind === 'queue' ? { queueUrlOf: value.Ref } : resource.name;
  }
  return find(targetOf(value, path), resources, path).arn;
}

/** The logical id that `{Fn::GetAtt: [id, Arn]}` points to. */
export function targetOf(value: unknown, path: string): string {
  const target = isRecord(value) ? value['Fn::GetAtt'] : undefined;
  const [id, attribute] = Array.isArray(target)
    ? target
    : typeof target === 'string'
      ? target.split('.')
      : [];
  if (typeof id !== 'string' || attribute !== 'Arn') {
    throw new ConfigError(
      path,
      `only Ref and Fn::GetAtt [id, Arn] are supported, not ${JSON.stringify(value)}`,
    );
  }
  return id;
}

function find(id: string, resources: Map<string, Resource>, path: string): Resource {
  const resource = resources.get(id);
  if (resource === undefined) throw new ConfigError(path, `there is no queue, table or bucket '${id}'`);
  return resource;
}

/** Parses with the schema, or throws a {@link ConfigError} that names the first wrong place. */
export function check<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const steps =
    issue?.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)) ?? [];
  throw new ConfigError(path + steps.join(''), issue?.message ?? 'is invalid');
}
