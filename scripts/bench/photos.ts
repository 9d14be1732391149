/**
 * Pictures cut out of photos: 16 JPEGs, eight of about 2 megapixels (1600 × 1200) and the same eight enlarged to 12
 * (4000 × 3000, grainy), all wanted as WebP of quality 82 within 1600 pixels. Every system has a process of its own
 * that has loaded its models before the clock starts. Rounds are interleaved, so that whatever else the machine does hits
 * all systems alike; the fastest round counts. A picture is right when it decodes, is WebP with transparency, and is
 * of the same size and shows the same as the sequential loop's, but for what other decoding and encoding leave.
 *
 * Limit: the stages that nobody gets around, bare (photos/systems/lane.ts): decode to the model's 320 × 320 pixels,
 * infer, decode the subject's part at the size wanted, blend, encode. As many lanes as there are cores go through their
 * share of the photos at the same time, so every core is busy, and shares its caches and memory as it would have to. Nothing
 * is queued, inspected, limited, handed between threads or able to be aborted. The model computes with one thread per
 * lane, which takes a tenth less processor time than one model with two threads. What counts is the sum of the lanes'
 * busy time over the number of cores: as if the work could be dealt out without a remainder, which no real run can.
 * It takes the stages as they are here: a faster model or encoder would lower the limit, and Spillway with it.
 *
 * The sequential loop has sharp's default effort for WebP (4, lossless opacity), which buys slightly smaller files: see
 * `kbPerPhoto`. `cpuMsPerPhoto` is over all threads, and hardly depends on what else the machine does.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench, Report } from './bench.ts';
import { startChild } from './child.ts';
import { complaintAbout } from './photos/check.ts';
import type { Measurement } from './photos/measure.ts';
import { samplePhotos } from './photos/samples.ts';

const systems = ['limit', 'spillway', 'sequential loop', 'Promise.all'] as const;
type System = (typeof systems)[number];
const reference: System = 'sequential loop';
const rounds = 3;

export const photos: Bench = {
  name: 'photos',
  about: 'photos of 2 and 12 megapixels → background removed → WebP',
  async run(report) {
    const folder = await mkdtemp(join(tmpdir(), 'spillway-bench-photos-'));
    try {
      const items = await layOut(folder);
      const best = new Map<System, Measurement>();
      for (let round = 1; round <= rounds; round++) {
        for (const system of systems) {
          const measured = await measure(system, folder);
          report.note(`round ${round}: ${system} ${measured.seconds.toFixed(1)} s`);
          const before = best.get(system);
          if (!before || measured.seconds < before.seconds) best.set(system, measured);
        }
      }
      const limitSeconds = best.get('limit')?.seconds ?? Number.NaN;
      for (const [system, { seconds, cpuSeconds, peakRssMb }] of best) {
        report.row({
          system,
          seconds,
          items,
          limitSeconds,
          checked: await isRight(system, folder, report),
          extra: {
            cpuMsPerPhoto: Math.round((cpuSeconds * 1000) / items),
            kbPerPhoto: Math.round((await bytesOf(join(folder, system))) / items / 1000),
            ...(peakRssMb !== undefined && { peakRssMb }),
          },
        });
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Puts the photos where the systems' processes find them. Returns how many there are. */
async function layOut(folder: string): Promise<number> {
  const samples = await samplePhotos();
  await mkdir(join(folder, 'photos'));
  await Promise.all(
    samples.map((photo, index) => writeFile(join(folder, 'photos', String(index).padStart(2, '0')), photo)),
  );
  return samples.length;
}

async function measure(system: System, folder: string): Promise<Measurement> {
  const program = fileURLToPath(new URL('./photos/measure.ts', import.meta.url));
  const { output } = startChild(process.execPath, [program, system, folder]);
  return JSON.parse(await output);
}

async function isRight(system: System, folder: string, report: Report): Promise<boolean> {
  const names = await readdir(join(folder, 'photos'));
  let right = true;
  for (const name of names) {
    const picture = await readFile(join(folder, system, name));
    const complaint = await complaintAbout(picture, await readFile(join(folder, reference, name)));
    if (complaint === undefined) continue;
    right = false;
    report.note(`${system}: picture ${name} ${complaint}`);
  }
  return right;
}

async function bytesOf(folder: string): Promise<number> {
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))));
  return files.reduce((sum, file) => sum + file.length, 0);
}
