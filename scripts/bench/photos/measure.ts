/**
 * `node measure.ts <system> <folder>`: a process for one system alone, so that its memory is its own. Reads the photos
 * from `<folder>/photos`, leaves the pictures in `<folder>/<system>`, and writes a {@link Measurement} to stdout.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promiseAll, sequentialLoop } from './systems/by-hand.ts';
import { limit } from './systems/limit.ts';
import { spillway } from './systems/spillway.ts';
import type { System } from './work.ts';

export interface Measurement {
  seconds: number;
  /** Of all threads. */
  cpuSeconds: number;
  /** Resident memory at its highest, as the kernel saw it; not known but on Linux. */
  peakRssMb?: number;
}

const systems: Readonly<Record<string, System>> = {
  limit,
  spillway,
  'sequential loop': sequentialLoop,
  'Promise.all': promiseAll,
};

const [name = '', folder = ''] = process.argv.slice(2);
const system = systems[name];
if (!system) throw new Error(`There is no system '${name}'`);
const files = (await readdir(join(folder, 'photos'))).sort();
const photos = await Promise.all(files.map((file) => readFile(join(folder, 'photos', file))));

const running = await system.start();
const cpuBefore = process.cpuUsage();
const started = performance.now();
const pictures = await running.makeAll(photos);
const seconds = running.seconds?.() ?? (performance.now() - started) / 1000;
const { user, system: kernel } = process.cpuUsage(cpuBefore);
await running.stop();

await mkdir(join(folder, name), { recursive: true });
await Promise.all(files.map((file, index) => writeFile(join(folder, name, file), pictures[index] ?? '')));
const status = process.platform === 'linux' ? await readFile('/proc/self/status', 'utf8') : '';
const peakKb = /VmHWM:\s+(\d+)/.exec(status)?.[1];
const measurement: Measurement = {
  seconds,
  cpuSeconds: (user + kernel) / 1e6,
  ...(peakKb !== undefined && { peakRssMb: Math.round(Number(peakKb) / 1024) }),
};
process.stdout.write(JSON.stringify(measurement));
