import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SpillwayError } from '../../../core/engine/errors.ts';
import { productErrors } from '../product-errors.ts';
import type { ModelReply, ModelRequest, ModelSettings } from './model-worker.ts';
import type { SubjectMask } from './u2net.ts';

/** A thread with its own model. */
export interface ModelThread {
  /** Photos that wait or are under way. */
  readonly load: number;
  /** Throws `MODEL_FAILED`, retryable. */
  find(rgb: Uint8Array): Promise<SubjectMask>;
  close(): Promise<void>;
}

interface Waiting {
  resolve(mask: SubjectMask): void;
  reject(error: SpillwayError): void;
}

/**
 * Starts with the first photo, when it calls `settings`, and again after it dies. It never keeps the process alive.
 */
export function createModelThread(settings: () => ModelSettings): ModelThread {
  let worker: Worker | undefined;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  const start = (): Worker => {
    const started = new Worker(workerUrl(), { workerData: settings() });
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

  return {
    get load() {
      return waiting.size;
    },
    find: (rgb) =>
      new Promise((resolve, reject) => {
        worker ??= start();
        const request: ModelRequest = { id: ++lastId, rgb };
        waiting.set(request.id, { resolve, reject });
        worker.ref();
        worker.postMessage(request);
      }),
    async close() {
      await worker?.terminate();
    },
  };
}

function failed(cause: unknown): SpillwayError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SpillwayError(productErrors.MODEL_FAILED, `The background model failed: ${reason}`, {
    cause,
  });
}

/** The worker's module beside this file, as source (.ts) or as a bundle (.mjs or .js). */
function workerUrl(): URL {
  return new URL(`./model-worker${extname(import.meta.url)}`, import.meta.url);
}
