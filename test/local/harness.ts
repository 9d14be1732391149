import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import { awsClients } from '../../src/aws/clients.ts';
import { systemClock } from '../../src/core/engine/clock.ts';
import { type Service, type ServiceOptions, startService } from '../../src/local/service.ts';
import { until } from '../../src/local/until.ts';

export const fixtureConfig = join(import.meta.dirname, 'fixtures/serverless.yml');

/** Waits for a condition, 15 s at most. */
export const eventually = (what: string, condition: () => boolean | Promise<boolean>) =>
  until(systemClock, 15, what, condition);

/** A directory that the test leaves behind no trace of. `onFinished` is the test's own hook, or a suite's. */
export function temporaryDirectory(onFinished: (clean: () => void) => void = onTestFinished): string {
  const path = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  onFinished(() => rmSync(path, { recursive: true, force: true, maxRetries: 3 }));
  return path;
}

/** What the consumer fixtures noted. */
export interface Note {
  kind: 'start' | 'end';
  function: string;
  pid: number;
  event: Record<string, unknown> & { Records?: RecordNote[] };
}

export interface RecordNote {
  messageId: string;
  body: string;
  attributes: Record<string, string>;
  [key: string]: unknown;
}

/** A service of the fixture functions, and what they noted. Stop it before its directory goes. */
export interface Fixture {
  service: Service;
  /** Of one function, as named in the fixture's serverless.yml. */
  notes(functionName: string): Note[];
}

export async function startFixture(dataDir: string, options: Partial<ServiceOptions> = {}): Promise<Fixture> {
  const service = await startService({
    configPath: fixtureConfig,
    dataDir,
    port: 0,
    stopGrace: 1,
    ...options,
    env: { NOTES: join(dataDir, notesFile), ...options.env },
  });
  return { service, notes: (functionName) => readNotes(dataDir, functionName) };
}

const notesFile = 'notes.jsonl';

export function readNotes(dataDir: string, functionName: string): Note[] {
  const file = join(dataDir, notesFile);
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const notes = lines.filter((line) => line !== '').map((line): Note => JSON.parse(line));
  return notes.filter((note) => note.function.endsWith(`-${functionName}`));
}

/** Sends messages in one call, so that they are there at once. */
export async function sendMessages(
  service: Service,
  queue: string,
  bodies: readonly unknown[],
): Promise<void> {
  const { sqs } = awsClients(service.environment);
  const Entries = bodies.map((body, index) => ({ Id: String(index), MessageBody: JSON.stringify(body) }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl: service.queueUrl(queue), Entries }));
  sqs.destroy();
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
