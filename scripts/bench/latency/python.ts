import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startChild, works } from '../child.ts';
import type { Item } from './items.ts';
import type { System, Timed } from './system.ts';

/** The system's own Python, for which distributions package Celery; else whichever there is. */
export const pythonCommand = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** What the Python programs read from stdin, as JSON. */
export function pythonInput(items: readonly Item[], slots: number): string {
  return JSON.stringify({ items: items.map(({ sleptMs, value }) => ({ ms: sleptMs, value })), slots });
}

/** Runs a program that lies beside this file and prints a {@link Timed} as JSON. */
export async function runPython(
  program: string,
  args: readonly string[],
  input: string,
  env: Record<string, string> = {},
): Promise<Timed> {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const child = startChild(pythonCommand, [file, ...args], { input, env });
  try {
    return JSON.parse(await child.output) as Timed;
  } finally {
    await child.stop();
  }
}

const missing = () => (works(pythonCommand, ['--version']) ? undefined : 'python3 is not installed');

export const python: readonly System[] = [
  {
    name: 'Python ThreadPoolExecutor',
    missing,
    run: (items, slots) => runPython('slots.py', ['threads'], pythonInput(items, slots)),
  },
  {
    name: 'Python asyncio.gather',
    missing,
    run: (items, slots) => runPython('slots.py', ['asyncio'], pythonInput(items, slots)),
  },
];
