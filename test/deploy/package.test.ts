import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { maxUnzippedBytes } from '../../deploy/archive.ts';
import { largest, statedSizes, theOthers, withPictures } from '../../deploy/sizes.ts';
import { ownArchitecture } from './deployment.ts';
import { functionNames } from './roles.ts';
import { readZip } from './zip.ts';

interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
  Outputs: Record<string, unknown>;
}

const { service, continueJob } = inject('packed');
const directory = join(service, '.serverless');
let template: Template;
const zips = new Map<string, Map<string, Buffer>>();

beforeAll(async () => {
  template = JSON.parse(readFileSync(join(directory, 'cloudformation-template-update-stack.json'), 'utf8'));
  for (const name of functionNames) zips.set(name, await readZip(join(directory, `${name}.zip`)));
});

const properties = (id: string) => template.Resources[id]?.Properties ?? {};
const filesOf = (name: string) => [...(zips.get(name)?.keys() ?? [])];
const bytesIn = (files: ReadonlyMap<string, Buffer>) =>
  [...files.values()].reduce((sum, { length }) => sum + length, 0);
const sizeOf = (name: string) => bytesIn(zips.get(name) ?? new Map());

const makingPictures = ['createProducts', 'createJob', 'continueJob', 'streamAnswer'];

describe('the packages', () => {
  it.each(functionNames)('of %s fits into Lambda', (name) => {
    expect(sizeOf(name)).toBeGreaterThan(0);
    expect(sizeOf(name)).toBeLessThan(maxUnzippedBytes);
  });

  it.each([
    // e_machine of ELF: EM_AARCH64 and EM_X86_64.
    { architecture: 'arm64', cpu: 'arm64', machine: 183 },
    { architecture: 'x86_64', cpu: 'x64', machine: 62 },
  ] as const)(
    'hold native code for the target only: $architecture',
    async ({ architecture, cpu, machine }) => {
      const files = await readZip(continueJob[architecture]);
      const binaries = [...files].filter(([name]) => /\.(node|so(\.\d+)*|dll|dylib)$/.test(name));
      expect(binaries.map(([name]) => name.replace(/[.-]\d+(\.\d+)*(?=$|\.node$)/, '')).sort()).toEqual([
        `node_modules/@img/sharp-libvips-linux-${cpu}/lib/libvips-cpp.so`,
        `node_modules/@img/sharp-linux-${cpu}/lib/sharp-linux-${cpu}.node`,
        `node_modules/onnxruntime-node/bin/napi-v6/linux/${cpu}/libonnxruntime.so`,
        `node_modules/onnxruntime-node/bin/napi-v6/linux/${cpu}/onnxruntime_binding.node`,
      ]);
      for (const [, content] of binaries) {
        expect(content.toString('latin1', 0, 4)).toBe('\x7fELF');
        expect(content.readUInt16LE(18)).toBe(machine);
      }
    },
  );

  it('hold the same native code in all functions that make pictures', () => {
    const natives = (name: string) => filesOf(name).filter((file) => file.startsWith('node_modules/'));
    for (const name of makingPictures) expect(natives(name)).toEqual(natives('continueJob'));
  });

  it('hold the threads, the model and what the PDF reader knows of fonts beside the handler', () => {
    for (const name of makingPictures) {
      expect(filesOf(name)).toEqual(
        expect.arrayContaining([
          'handlers/heic-worker.mjs',
          'handlers/model-worker.mjs',
          'handlers/parser-thread.mjs',
          'handlers/pdf-data/cmaps/90ms-RKSJ-H.bcmap',
          'handlers/pdf-data/standard_fonts/LiberationSans-Regular.ttf',
          'handlers/u2netp.onnx',
          'node_modules/libheif-js/libheif-wasm/libheif-bundle.js',
        ]),
      );
    }
  });

  it('hold nothing but the bundle for functions that make no pictures', () => {
    for (const name of functionNames.filter((one) => !makingPictures.includes(one))) {
      expect(filesOf(name).filter((file) => !/^handlers\/[\w-]+\.mjs(\.map)?$/.test(file))).toEqual([]);
      expect(sizeOf(name)).toBeLessThan(8 * 2 ** 20);
    }
  });
});

describe('docs/operations.md', () => {
  const sizes = (names: string[]) =>
    names.map((name) => ({
      zippedBytes: statSync(join(directory, `${name}.zip`)).size,
      unzippedBytes: sizeOf(name),
    }));

  it('states the sizes of the packages; npm run package-sizes puts them right', async () => {
    const sizeOfZip = async (path: string) => ({
      zippedBytes: statSync(path).size,
      unzippedBytes: bytesIn(await readZip(path)),
    });
    const built = [
      largest(withPictures('arm64'), [await sizeOfZip(continueJob.arm64)]),
      largest(withPictures('x86_64'), [await sizeOfZip(continueJob.x86_64)]),
      largest(theOthers, sizes(functionNames.filter((name) => !makingPictures.includes(name)))),
    ];
    const stated = statedSizes(readFileSync('docs/operations.md', 'utf8'));
    expect(stated.map(({ kind }) => kind)).toEqual(built.map(({ kind }) => kind));
    // They grow a little with every change: what a reader would not notice may be wrong.
    const isAbout = (bytes: number, builtBytes: number) =>
      Math.abs(bytes - builtBytes) <= Math.max(2 ** 20 / 10, builtBytes * 0.03);
    const wrong = stated.filter(
      ({ zippedBytes, unzippedBytes }, index) =>
        !isAbout(zippedBytes, built[index]?.zippedBytes ?? 0) ||
        !isAbout(unzippedBytes, built[index]?.unzippedBytes ?? 0),
    );
    expect(wrong).toEqual([]);
  });
});

describe('the template', () => {
  it('refers to nothing that it does not have, and leaves no variable unresolved', () => {
    const known = new Set(Object.keys(template.Resources));
    const missing = [...references(template)].filter((id) => !known.has(id) && !id.startsWith('AWS::'));
    expect(missing).toEqual([]);
    expect(JSON.stringify(template)).not.toMatch(/\$\{(?!AWS::)/);
  });

  it('gives every function a role of its own', () => {
    const roles = functionNames.map((name) => JSON.stringify(properties(lambdaId(name)).Role));
    expect(new Set(roles).size).toBe(functionNames.length);
    expect(template.Resources.IamRoleLambdaExecution).toBeUndefined();
  });

  it('lets continuation run: memory, loops, one slice at a time, failures reported', () => {
    expect(properties('ContinueJobLambdaFunction')).toMatchObject({
      MemorySize: 3008,
      RecursiveLoop: 'Allow',
      Architectures: [ownArchitecture],
      Runtime: 'nodejs24.x',
      TracingConfig: { Mode: 'Active' },
    });
    expect(properties('ContinueJobEventSourceMappingSQSSliceQueue')).toMatchObject({
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 50 },
    });
    expect(properties('DeadLetterEventSourceMappingSQSDeadLetterQueue')).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  it('keeps messages invisible for six times as long as their function may take', () => {
    for (const [queue, fn] of [
      ['SliceQueue', 'ContinueJobLambdaFunction'],
      ['DeadLetterQueue', 'DeadLetterLambdaFunction'],
    ] as const) {
      expect(properties(queue).VisibilityTimeout).toBeGreaterThanOrEqual(6 * Number(properties(fn).Timeout));
    }
    expect(properties('SliceQueue').RedrivePolicy).toMatchObject({
      deadLetterTargetArn: { 'Fn::GetAtt': ['DeadLetterQueue', 'Arn'] },
    });
  });

  it('asks the authorizer about every request, with or without headers', () => {
    expect(properties('HttpApiAuthorizerApiKey')).toMatchObject({
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: [],
    });
  });

  it('lets no function behind the gateway outlive its caller', () => {
    for (const { Type, Properties } of Object.values(template.Resources)) {
      if (Type !== 'AWS::ApiGatewayV2::Integration') continue;
      const {
        'Fn::GetAtt': [id],
      } = Properties.IntegrationUri as { 'Fn::GetAtt': [string, string] };
      expect(properties(id).Timeout).toBeLessThan(30);
      expect(Properties.PayloadFormatVersion).toBe('2.0');
    }
  });
});

describe('a function that streams', () => {
  it.each(['StreamEvents', 'StreamAnswer'])('%s has a URL, which anybody may call, and names it', (name) => {
    expect(properties(`${name}LambdaFunctionUrl`)).toMatchObject({
      AuthType: 'NONE',
      InvokeMode: 'RESPONSE_STREAM',
      TargetFunctionArn: { 'Fn::GetAtt': [`${name}LambdaFunction`, 'Arn'] },
    });
    const permissions = Object.values(template.Resources).filter(
      ({ Type, Properties }) =>
        Type === 'AWS::Lambda::Permission' && JSON.stringify(Properties).includes(`${name}LambdaFunction`),
    );
    // Both, since October 2025; the second for calls by way of the URL only.
    expect(permissions.map(({ Properties }) => Properties)).toMatchObject([
      { Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' },
      { Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true },
    ]);
    expect(template.Outputs).toHaveProperty(`${name}LambdaFunctionUrl`);
  });

  it('lets browsers send keys in headers only, and no cookies', () => {
    for (const name of ['StreamEvents', 'StreamAnswer']) {
      const { Cors } = properties(`${name}LambdaFunctionUrl`) as { Cors: Record<string, unknown> };
      expect(Cors.AllowCredentials).toBeUndefined();
      expect(Cors.AllowHeaders).toEqual(expect.arrayContaining(['authorization', 'x-api-key']));
      expect(JSON.stringify(Cors.AllowHeaders)).not.toContain('*');
    }
  });
});

function lambdaId(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`;
}

/** Logical ids that `Ref` and `Fn::GetAtt` name anywhere in a value. */
function* references(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'Ref') yield String(inner);
    else if (key === 'Fn::GetAtt') yield String([inner].flat()[0]).split('.')[0] ?? '';
    else yield* references(inner);
  }
}
