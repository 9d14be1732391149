import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pick, type Random, randomOf, whole } from '../../src/stand-ins/physics/chance.ts';
import { killAll, treeOf, workersOf } from './processes.ts';
import { contentOf, writeInput } from './rows.ts';

export interface ChaosOptions {
  /** For all files; made and removed by the caller. */
  directory: string;
  rows: number;
  workerKills: number;
  serviceKills: number;
  seed: number;
  /** How the command is started: a program and its first arguments. */
  command: readonly [string, ...string[]];
  /** Each row takes so many milliseconds, so that few rows take long enough to be disturbed. */
  delayMs?: number;
  env?: Record<string, string>;
  log(line: string): void;
}

/** What is done to the run when it has got so far. */
interface Blow {
  kind: 'worker' | 'service';
  /** Share of the rows that are done, 0–1. */
  at: number;
}

/** Milliseconds without a word after which a run has got stuck. */
const stuckMs = 180_000;

/**
 * Works through a file while workers and the whole command are killed at random moments; a killed command is given
 * again, as a person would. Resolves to what is wrong with the result: nothing, if all is well.
 */
export async function chaos(options: ChaosOptions): Promise<string[]> {
  const { directory, rows, log, seed } = options;
  const random = randomOf('chaos', seed);
  const input = join(directory, 'input.csv');
  const output = join(directory, 'output.csv');
  await writeInput(input, rows, random);
  const blows = [
    ...Array.from({ length: options.workerKills }, (): Blow => ({ kind: 'worker', at: random() * 0.97 })),
    ...Array.from({ length: options.serviceKills }, (): Blow => ({ kind: 'service', at: random() * 0.97 })),
  ].sort((a, b) => a.at - b.at);
  const startedAt = performance.now();
  const say = (line: string) => log(`${seconds(startedAt).padStart(7)}  ${line}`);

  for (let attempt = 1; ; attempt += 1) {
    say(attempt === 1 ? 'the command starts' : 'the same command again');
    const run = start(options, input, output);
    const end = await disturb(run, blows, random, say);
    if (end === 'killed') continue;
    say(`the command ends with exit code ${end.code}`);
    const problems = blows.map(({ kind }) => `The run ended before a ${kind} could be killed`);
    if (end.code !== 0) return [...problems, `Exit code ${end.code}: ${end.said}`];
    return [...problems, ...countProblems(end.summary, rows), ...(await fileProblems(input, output, say))];
  }
}

/** Waits for the run's end, and deals out the blows, each when its time has come. */
async function disturb(
  run: Run,
  blows: Blow[],
  random: Random,
  say: (line: string) => void,
): Promise<'killed' | Ended> {
  let ended: Ended | undefined;
  run.ended.then((how) => {
    ended = how;
  });
  while (ended === undefined) {
    await pause(whole(random, 5, 150));
    if (performance.now() - run.heardAt() > stuckMs) {
      killAll(treeOf(run.pid).map(({ pid }) => pid));
      return { code: null, summary: '', said: `Not a word for ${stuckMs / 1000} s` };
    }
    const [next] = blows;
    if (next === undefined || run.progress() < next.at) continue;
    const tree = treeOf(run.pid);
    const workers = workersOf(tree);
    const victims =
      next.kind === 'service'
        ? tree.map(({ pid }) => pid)
        : workers.length > 0
          ? [pick(random, workers)]
          : [];
    if (victims.length === 0 || killAll(victims) === 0) continue;
    blows.shift();
    const share = `${(run.progress() * 100).toFixed(1).padStart(5)}%`;
    if (next.kind === 'worker') {
      say(`${share}  killed worker ${victims[0]}`);
      continue;
    }
    say(`${share}  killed the command and all that it had started: ${victims.length} processes`);
    await run.ended;
    return 'killed';
  }
  return ended;
}

interface Ended {
  code: number | null;
  /** What went to stdout: one JSON object. */
  summary: string;
  said: string;
}

interface Run {
  pid: number;
  ended: Promise<Ended>;
  /** Share of the rows that are done, as far as the command has said so. */
  progress(): number;
  /** When it last said anything; of the same clock as `performance.now`. */
  heardAt(): number;
}

function start(
  { command, directory, delayMs = 0, env, rows }: ChaosOptions,
  input: string,
  output: string,
): Run {
  const [program, ...first] = command;
  const files = ['--input', input, '--output', output, '--data-dir', join(directory, 'data')];
  const args = [...first, 'run', 'echo', ...files, '--set', `delayMs=${delayMs}`, '--json'];
  const child: ChildProcess = spawn(program, args, {
    cwd: resolve(import.meta.dirname, '../..'),
    env: { ...process.env, SPILLWAY_ENDPOINT: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  let done = 0;
  let heardAt = performance.now();
  child.stdout?.on('data', (chunk) => {
    said.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    said.stderr += chunk;
    heardAt = performance.now();
    const last = [...said.stderr.matchAll(/^([\d,]+)\/[\d,]+\+? items/gm)].at(-1)?.[1];
    if (last !== undefined) done = Number(last.replaceAll(',', ''));
  });
  return {
    pid: child.pid ?? 0,
    ended: once(child, 'close').then(([code]) => ({ code, summary: said.stdout, said: said.stderr })),
    progress: () => done / rows,
    heardAt: () => heardAt,
  };
}

function countProblems(summary: string, rows: number): string[] {
  const wanted = {
    status: 'completed',
    totalItems: rows,
    processedItems: rows,
    successCount: rows,
    errorCount: 0,
  };
  const found = JSON.parse(summary) as Record<string, unknown>;
  return Object.entries(wanted)
    .filter(([name, value]) => found[name] !== value)
    .map(([name, value]) => `${name} is ${found[name]} instead of ${value}`);
}

async function fileProblems(input: string, output: string, say: (line: string) => void): Promise<string[]> {
  if (!existsSync(output)) return ['There is no output'];
  const [wanted, found] = [await contentOf(input), await contentOf(output)];
  say(`input:  ${wanted.rows} rows, SHA-256 ${wanted.sha256}`);
  say(`output: ${found.rows} rows, SHA-256 ${found.sha256}`);
  return [
    ...(found.rows === wanted.rows ? [] : [`The output has ${found.rows} rows instead of ${wanted.rows}`]),
    ...(found.outOfOrder === undefined ? [] : [`Row ${found.outOfOrder} of the output is another one`]),
    ...(found.sha256 === wanted.sha256 ? [] : ['The output has other cells than the input']),
    ...(existsSync(output.replace(/\.csv$/, '.errors.csv')) ? ['There is a file of errors'] : []),
  ];
}

const seconds = (since: number) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
