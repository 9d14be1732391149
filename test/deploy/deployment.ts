import { createHash } from 'node:crypto';
import { cp } from 'node:fs/promises';
import type { Architecture } from '../../deploy/natives.ts';
import type { Ministack } from './ministack.ts';
import { osls } from './osls.ts';

export const deployStage = 'emulated';

/** The emulator, and the tests, run the functions on this machine's processor. */
export const ownArchitecture: Architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';

/** What the one tenant that there is sends. */
export const tenantKey = 'key-of-acme';

/** Credentials and the API's keys, as somebody who deploys has them in the environment. */
export const deployEnvironment = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  SPILLWAY_API_KEYS: `acme:${createHash('sha256').update(tenantKey).digest('hex')}`,
  SPILLWAY_ARCHITECTURE: ownArchitecture,
  // Milliseconds between two looks at the stack. AWS takes minutes, an emulator does not.
  SLS_AWS_MONITORING_FREQUENCY: '250',
  // osls would send what is for this machine to a proxy as well.
  ...{ proxy: '', HTTP_PROXY: '', http_proxy: '', HTTPS_PROXY: '', https_proxy: '' },
};

/** The service on an emulated AWS, by the commands that docs/operations.md gives. */
export class Deployment {
  readonly #ministack: Ministack;
  readonly #directory: string;

  private constructor(ministack: Ministack, directory: string) {
    this.#ministack = ministack;
    this.#directory = directory;
  }

  /** Deploys what is packed in `service`, from a copy in `directory`: osls removes what it has deployed. */
  static async create(ministack: Ministack, directory: string, service: string): Promise<Deployment> {
    await cp(service, directory, { recursive: true });
    const deployment = new Deployment(ministack, directory);
    await deployment.#osls('deploy', '--package', '.serverless');
    return deployment;
  }

  #osls(...command: string[]): Promise<string> {
    const env = { ...deployEnvironment, AWS_ENDPOINT_URL: this.#ministack.url };
    return osls([...command, '--stage', deployStage], env, this.#directory);
  }

  /** What `osls info` says that the stack's outputs are. */
  async outputs(): Promise<Record<string, string>> {
    const [, list = ''] = (await this.#osls('info', '--verbose')).split('Stack Outputs:');
    return Object.fromEntries(
      [...list.matchAll(/^ {2}(\w+): (.+)$/gm)].map(([, name, value]) => [name, value]),
    );
  }

  /** The API behind the emulator's gateway, which has no host names of its own. */
  async url(): Promise<string> {
    const { HttpApiId = '' } = await this.outputs();
    return `${this.#ministack.url}/_aws/execute-api/${HttpApiId}/$default`;
  }

  async remove(): Promise<void> {
    await this.#osls('remove');
  }

  /** Names of the services of AWS that hold something of this deployment. */
  async servicesInUse(): Promise<string[]> {
    const lists = listings.map(async ({ service, ...request }) => {
      const mentions = (await this.#list(service, request)).match(/spillway-emulated|emulated-spillway/);
      return mentions ? [service] : [];
    });
    return (await Promise.all(lists)).flat();
  }

  async #list(service: string, { path = '/', ...init }: Listing): Promise<string> {
    const response = await fetch(`${this.#ministack.url}${path}`, {
      ...init,
      headers: {
        // Says which service is asked, and is not looked at further.
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
        ...init.headers,
      },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${service} answered ${response.status}: ${text}`);
    return text;
  }
}

interface Listing {
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

const json = (target: string): Listing => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
  body: '{}',
});
const query = (action: string, version: string): Listing => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ Action: action, Version: version }).toString(),
});

/** How each service that the template uses is asked for all that it has. */
const listings: readonly (Listing & { service: string })[] = [
  { service: 's3' },
  { service: 'dynamodb', ...json('DynamoDB_20120810.ListTables') },
  { service: 'sqs', ...json('AmazonSQS.ListQueues') },
  { service: 'lambda', path: '/2015-03-31/functions/' },
  { service: 'apigateway', path: '/v2/apis' },
  { service: 'logs', ...json('Logs_20140328.DescribeLogGroups') },
  { service: 'events', ...json('AWSEvents.ListRules') },
  { service: 'iam', ...query('ListRoles', '2010-05-08') },
  { service: 'monitoring', ...query('DescribeAlarms', '2010-08-01') },
];

export const allServices = listings.map(({ service }) => service);
