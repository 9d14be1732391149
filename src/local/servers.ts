import { endpointIn, type ServerKind, serverKinds } from '../aws/endpoints.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import { localErrors } from './local-errors.ts';

/** A server behind the service. */
export interface Server {
  name: string;
  url: string;
  /** The setting that names it, and the credentials that identify the caller; undefined if this process started it. */
  given?: { setting: string; identity: string };
  /** Whether it is AWS itself, where only a deployment creates resources. */
  aws: boolean;
}

export type Servers = Record<ServerKind, Server>;

const names: Readonly<Record<ServerKind, string>> = { s3: 'S3', sqs: 'SQS', dynamodb: 'DynamoDB' };

/** Milliseconds that an external server gets for each answer while the service starts. */
const answerLimitMs = 5_000;

/** The maximum characters of a server's own message to pass on. */
const longestMessage = 300;

/** Error names with which S3, SQS and DynamoDB refuse the caller rather than the request. */
const refusals = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSecurity',
  'InvalidSignatureException',
  'InvalidToken',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

const denials = new Set(['AccessDenied', 'AccessDeniedException', 'AllAccessDisabled']);

/** The servers that an environment names. Throws `SERVERS_MISCONFIGURED` for an incomplete configuration. */
export function givenServers(env: NodeJS.ProcessEnv): Partial<Servers> {
  const given: Partial<Servers> = {};
  const identity = identitySettings(env);
  for (const kind of serverKinds) {
    const endpoint = endpointIn(env, kind);
    if (endpoint === undefined) continue;
    const { url, setting } = endpoint;
    const parsed = URL.parse(url);
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
      throw misconfigured(`${setting} must be an http:// or https:// URL, but is '${url}'`);
    }
    given[kind] = { name: names[kind], url, aws: isAws(parsed.hostname), given: { setting, identity } };
  }
  if (Object.keys(given).length > 0 && !env.AWS_PROFILE) {
    const [first = '', second = ''] = [keySetting, secretSetting].sort((a) => (env[a] ? -1 : 1));
    if (env[first] && !env[second]) throw misconfigured(`${first} is set, but ${second} is not`);
  }
  if (given.s3?.aws && !env.SPILLWAY_BUCKET) {
    throw misconfigured(
      `${given.s3.given?.setting} points at AWS: SPILLWAY_BUCKET must name the bucket of a deployment`,
    );
  }
  return given;
}

/** A server that this process has started. */
export const embeddedServer = (kind: ServerKind, url: string): Server => ({
  name: names[kind],
  url,
  aws: false,
});

const misconfigured = (message: string) => new SpillwayError(localErrors.SERVERS_MISCONFIGURED, message);

const isAws = (hostname: string) => /\.(amazonaws\.(com|com\.cn|eu)|api\.aws)$/.test(hostname);

const keySetting = 'AWS_ACCESS_KEY_ID';
const secretSetting = 'AWS_SECRET_ACCESS_KEY';

function identitySettings(env: NodeJS.ProcessEnv): string {
  if (env.AWS_PROFILE) return 'check AWS_PROFILE';
  return `${env[keySetting] ? 'check' : 'set'} ${keySetting} and ${secretSetting}`;
}

/**
 * Sends a request to a server while the service starts. Resolves to undefined if the error's name is one of
 * `absences`. If an external server cannot be used, throws a one-line `SERVER_UNUSABLE` within seconds.
 */
export async function ask<T>(
  server: Server,
  call: () => Promise<T>,
  absences: readonly string[] = [],
): Promise<T | undefined> {
  try {
    return await (server.given === undefined ? call() : withinLimit(call()));
  } catch (error) {
    if (error instanceof Error && absences.includes(error.name)) return undefined;
    if (server.given === undefined || error instanceof SpillwayError) throw error;
    throw unusable(server, reasonFor(error, server.given.identity), error);
  }
}

export const unusable = ({ name, url, given }: Server, reason: string, cause?: unknown) =>
  new SpillwayError(
    localErrors.SERVER_UNUSABLE,
    `${name} at ${url} (${given?.setting ?? 'embedded'}) ${reason}`,
    {
      cause,
    },
  );

async function withinLimit<T>(answer: Promise<T>): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    limit.reject(new Error(`no answer within ${answerLimitMs / 1000} s`));
  }, answerLimitMs);
  try {
    return await Promise.race([answer, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function reasonFor(error: unknown, identity: string): string {
  const { name, message, status } = described(error);
  if (name === 'CredentialsProviderError') return `needs credentials: ${identity}`;
  if (refusals.has(name) || status === 401) return `refuses the credentials: ${identity}`;
  if (denials.has(name) || status === 403) return `does not allow what the service needs: ${message}`;
  if (status === undefined) return `cannot be reached: ${message}`;
  return `gives an answer that cannot be used: ${name}: ${message}`;
}

/** An SDK's error on one line, with the HTTP status if there was an answer. */
function described(error: unknown): { name: string; message: string; status?: number } {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { $metadata, $response } = error as {
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  const status = $metadata?.httpStatusCode ?? $response?.statusCode;
  const causes = error instanceof AggregateError ? error.errors.map(String).join(', ') : '';
  const message = (error.message || causes).replaceAll(/\s+/g, ' ').trim().slice(0, longestMessage);
  return { name: error.name, message, ...(status !== undefined && { status }) };
}
