import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import * as z from 'zod';

export interface TestResult {
  /** Relative to the project. */
  file: string;
  name: string;
  status: string;
}

const root = join(import.meta.dirname, '../..');

/** What vitest's reporter `json` writes. */
const reportSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** Tests that take their servers from the environment use one of these helpers. */
const takesServers = /\b(cloudOfFile|worldOfFile|startServers|ownStage)\(/;

/** Runs the tests of everything that speaks to S3, SQS and DynamoDB. Their output goes to the terminal. */
export async function runCloudTests(env: NodeJS.ProcessEnv): Promise<TestResult[]> {
  const files = globSync('test/**/*.test.ts', { cwd: root }).filter((file) =>
    takesServers.test(readFileSync(join(root, file), 'utf8')),
  );
  const directory = mkdtempSync(join(tmpdir(), 'spillway-conformance-'));
  try {
    const report = join(directory, 'report.json');
    // Against named servers the project on-aws would only repeat what the others do.
    const args = [
      'run',
      '--project=!on-aws',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...files,
    ];
    const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], {
      cwd: root,
      env,
      stdio: 'inherit',
    });
    await once(child, 'exit');
    return reportSchema.parse(JSON.parse(readFileSync(report, 'utf8'))).testResults.flatMap(resultsOf);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A file that breaks down before its tests counts as one test that fails. */
function resultsOf({
  name,
  status,
  message,
  assertionResults,
}: z.output<typeof reportSchema>['testResults'][number]): TestResult[] {
  const file = relative(root, name);
  const brokeDown = status === 'failed' && !assertionResults.some((test) => test.status === 'failed');
  return [
    ...assertionResults.map((test) => ({ file, name: test.fullName, status: test.status })),
    ...(brokeDown ? [{ file, name: message, status }] : []),
  ];
}
