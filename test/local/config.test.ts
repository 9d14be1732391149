import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ConfigOptions, loadConfig } from '../../src/local/config.ts';
import { ConfigError } from '../../src/local/config-error.ts';
import { fixtureConfig, temporaryDirectory } from './harness.ts';

const keys = { SPILLWAY_API_KEYS: 'tenant:hash' };

/** A file with just what is needed, and `functions` and the rest as given. `%{…}` stands for a variable. */
function load(yaml: string, options: ConfigOptions = {}) {
  const path = join(temporaryDirectory(), 'serverless.yml');
  writeFileSync(path, `service: test\nprovider:\n  stage: dev\n${yaml.replaceAll('%{', '${')}`);
  return loadConfig({ path, ...options });
}

const oneFunction = (rest: string) => `functions:\n  one:\n    handler: a/b.handler\n${rest}`;

describe("the repository's serverless.yml", () => {
  it('is read with its functions, routes, queues, schedule and resources', () => {
    const config = loadConfig({ env: keys });
    expect(config.functions.get('createProducts')).toMatchObject({
      handler: 'handlers/create-products.handler',
      timeoutSeconds: 29,
      memoryMb: 3008,
      answersCallers: true,
      environment: {
        SPILLWAY_LEDGER_TABLE: 'spillway-dev-ledger',
        SPILLWAY_SLICE_QUEUE_URL: { queueUrlOf: 'SliceQueue' },
      },
    });
    expect(config.functions.get('authorize')).toMatchObject({
      answersCallers: true,
      environment: { SPILLWAY_API_KEYS: 'tenant:hash' },
    });
    expect(config.functions.get('continueJob')?.answersCallers).toBe(false);
    expect(config.routes).toContainEqual({
      functionName: 'createProducts',
      method: 'POST',
      path: '/create-products',
      authorizer: { functionName: 'authorize', identitySource: [] },
    });
    expect(config.queueSources).toContainEqual({
      functionName: 'continueJob',
      queue: 'SliceQueue',
      batchSize: 1,
      batchingWindow: 0,
      maximumConcurrency: 50,
      reportsItemFailures: true,
    });
    expect(config.schedules).toEqual([{ functionName: 'sweep', everySeconds: 60 }]);
    expect(config.resources.get('SliceQueue')).toMatchObject({
      name: 'spillway-dev-slices',
      arn: 'arn:aws:sqs:us-east-1:000000000000:spillway-dev-slices',
      attributes: { VisibilityTimeout: '1800' },
      redrive: { target: 'DeadLetterQueue', maxReceiveCount: 5 },
    });
    expect([...config.resources.values()].map(({ kind }) => kind).sort()).toEqual([
      'bucket',
      'queue',
      'queue',
      'table',
      'table',
    ]);
  });

  it('gives the bucket the name that it is told', () => {
    const config = loadConfig({ env: keys, bucketName: 'mine' });
    expect(config.resources.get('Bucket')).toMatchObject({ name: 'mine', arn: 'arn:aws:s3:::mine' });
    expect(config.functions.get('sweep')?.environment.SPILLWAY_BUCKET).toBe('mine');
  });

  it('gives in to a lower limit for answers, and only there', () => {
    const config = loadConfig({ env: keys, apiTimeout: 4 });
    expect(config.apiTimeoutSeconds).toBe(4);
    expect(config.functions.get('createProducts')?.timeoutSeconds).toBe(4);
    expect(config.functions.get('authorize')?.timeoutSeconds).toBe(4);
    expect(config.functions.get('continueJob')?.timeoutSeconds).toBe(300);
  });

  it('never lets the gateway wait longer than an HTTP API does', () => {
    expect(loadConfig({ env: keys, apiTimeout: 100 }).apiTimeoutSeconds).toBe(30);
  });

  it('gives in to overrides', () => {
    const config = loadConfig({ env: keys, overrides: { continueJob: { timeout: 3, memorySize: 128 } } });
    expect(config.functions.get('continueJob')).toMatchObject({ timeoutSeconds: 3, memoryMb: 128 });
  });
});

describe('variables', () => {
  it('are taken from options, the environment, the file itself and defaults', () => {
    const yaml = oneFunction(
      "    environment:\n      A: %{opt:x, 'none'}\n      B: %{env:B}\n      C: <%{self:provider.stage}-%{env:NO, '%{self:service}'}>\n      D: %{opt:n, 5}\n",
    );
    const environment = (options: ConfigOptions) => load(yaml, options).functions.get('one')?.environment;
    expect(environment({ env: { B: 'b' } })).toEqual({ A: 'none', B: 'b', C: '<dev-test>', D: '5' });
    expect(environment({ env: { B: '' }, options: { x: 'y' } })).toMatchObject({ A: 'y', B: '' });
  });

  it('are refused without a value, in circles, and in other forms', () => {
    const withText = (text: string) => () => load(oneFunction(`    environment:\n      A: ${text}\n`));
    expect(withText('%{env:NOT_SET}')).toThrow(
      /functions\.one\.environment\.A: '\$\{env:NOT_SET\}' has no value/,
    );
    expect(withText('%{self:functions.one.environment.A}')).toThrow(/circle/);
    expect(withText('%{ssm:/path}')).toThrow(/'\$\{ssm:\/path\}' is not a supported form/);
    expect(withText('%{aws:accountId}')).toThrow(ConfigError);
  });

  it('are left alone where they are for deployments only', () => {
    expect(load(oneFunction('    role: %{aws:accountId}\n')).functions.size).toBe(1);
  });
});

describe('what cannot be served is refused, naming the place', () => {
  const queue = 'resources:\n  Resources:\n    Q:\n      Type: AWS::SQS::Queue\n      Properties:\n';
  it.each([
    ['a misspelt key', oneFunction('    timeoutt: 3\n'), /functions\.one: .*timeoutt/],
    ['a timeout that Lambda has not', oneFunction('    timeout: 901\n'), /functions\.one\.timeout/],
    [
      'another kind of event',
      oneFunction('    events:\n      - sns: topic\n'),
      /functions\.one\.events\[0\]: .*'sns'/,
    ],
    [
      'a cron',
      oneFunction('    events:\n      - schedule: cron(0 1 * * ? *)\n'),
      /events\[0\]\.schedule: .*cron/,
    ],
    [
      'a queue that is not there',
      oneFunction('    events:\n      - sqs: { arn: { Fn::GetAtt: [Q, Arn] } }\n'),
      /no queue 'Q'/,
    ],
    [
      'an ARN from elsewhere',
      oneFunction('    events:\n      - sqs: { arn: arn:aws:sqs:x }\n'),
      /events\[0\]\.sqs\.arn/,
    ],
    [
      'an unknown Ref',
      oneFunction('    environment: { A: { Ref: X } }\n'),
      /environment\.A: there is no .*'X'/,
    ],
    [
      'another intrinsic',
      oneFunction('    environment: { A: { Fn::Sub: x } }\n'),
      /environment\.A: only Ref/,
    ],
    [
      'an unknown authorizer',
      oneFunction('    events:\n      - httpApi: { method: GET, path: /, authorizer: { name: x } }\n'),
      /no authorizer 'x'/,
    ],
    [
      'an unknown property',
      `${queue}        VisibilityTimeOut: 3\n`,
      /Resources\.Q\.Properties: .*VisibilityTimeOut/,
    ],
    [
      'a redrive to nowhere',
      `${queue}        RedrivePolicy: { deadLetterTargetArn: !GetAtt D.Arn, maxReceiveCount: 1 }\n`,
      /deadLetterTargetArn: there is no queue 'D'/,
    ],
    ['a module without export', 'functions:\n  one:\n    handler: handler\n', /functions\.one\.handler/],
    ['broken YAML', 'functions: [\n', /serverless\.yml/],
  ])('%s', (_, yaml, message) => {
    expect(() => load(yaml)).toThrow(message);
  });

  it('an override of a function that is not there', () => {
    expect(() => load(oneFunction(''), { overrides: { two: {} } })).toThrow(/no function 'two'/);
  });

  it('a file that is not there', () => {
    expect(() => loadConfig({ path: '/nowhere/serverless.yml' })).toThrow(/cannot be read/);
  });
});

it('resources of other types are skipped, also in lists', () => {
  const config = loadConfig({ path: fixtureConfig });
  expect([...config.resources.keys()]).toEqual(['Bucket', 'Table', 'WorkQueue', 'DeadQueue', 'NarrowQueue']);
  expect(config.resources.get('DeadQueue')?.name).toBe('fixture-test-DeadQueue');
  expect(config.resources.get('Bucket')?.name).toBe('fixture-test-bucket');
});
