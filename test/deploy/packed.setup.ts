import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { readFunctions, root } from '../../deploy/functions.ts';
import type { Architecture } from '../../deploy/natives.ts';
import { packageFunction } from '../../deploy/package.ts';
import { deployEnvironment, deployStage, ownArchitecture } from './deployment.ts';
import { osls } from './osls.ts';

declare module 'vitest' {
  interface ProvidedContext {
    packed: Packed;
  }
}

/** What `osls package` leaves, made once for all files that look into it. */
export interface Packed {
  /** Directory where osls packed: `.serverless` holds the template and a zip for each function, for this machine's processor. */
  service: string;
  /** The zip of `continueJob` for either processor. */
  continueJob: Record<Architecture, string>;
}

export default async function pack(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'spillway-packed-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const service = join(directory, 'service');
    await copyRoot(service);
    const [other] = await Promise.all([
      packForOther(join(directory, 'other')),
      osls(['package', '--stage', deployStage], deployEnvironment, service),
    ]);
    const own = join(service, '.serverless', 'continueJob.zip');
    const continueJob = { arm64: other, x86_64: other, [ownArchitecture]: own };
    project.provide('packed', { service, continueJob });
  } catch (error) {
    await remove();
    throw error;
  }
  return remove;
}

/** The repository's root as osls sees it: what it packs lies apart from that of other runs. */
async function copyRoot(directory: string): Promise<void> {
  await mkdir(directory);
  await copyFile(join(root, 'serverless.yml'), join(directory, 'serverless.yml'));
  for (const name of ['deploy', 'package.json']) await symlink(join(root, name), join(directory, name));
}

/** Packs the function whose package is largest for the processor that this machine has not. */
async function packForOther(directory: string): Promise<string> {
  const fn = readFunctions().find(({ name }) => name === 'continueJob');
  if (!fn) throw new Error('serverless.yml has no continueJob');
  const { path } = await packageFunction(fn, ownArchitecture === 'arm64' ? 'x86_64' : 'arm64', directory);
  return path;
}
