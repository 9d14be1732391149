import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { kindOf } from '../../../src/workloads/extract-files/kind.ts';
import type { ParsedFile, ParseReply } from '../../../src/workloads/extract-files/threads/messages.ts';

const entry = new URL('../../../src/workloads/extract-files/threads/parser-thread.ts', import.meta.url);

/** The same parsers in as many threads, each of which is given the next file when it is done: nothing else. */
export async function openBarePool(threads: number) {
  const workers = Array.from({ length: threads }, () => new Worker(entry));
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const ask = (worker: Worker, name: string, file: Buffer): Promise<ParseReply> =>
    new Promise((resolve, reject) => {
      const bytes = new Uint8Array(file);
      worker.once('message', resolve).once('error', reject);
      worker.postMessage({ kind: kindOf(bytes, name), bytes }, [bytes.buffer]);
    });
  return {
    async parseAll(files: ReadonlyMap<string, Buffer>): Promise<ParsedFile[]> {
      const results: ParsedFile[] = [];
      const queue = [...files].entries();
      const lane = async (worker: Worker) => {
        for (const [index, [name, file]] of queue) {
          const reply = await ask(worker, name, file);
          worker.removeAllListeners('error');
          if ('error' in reply) throw new Error(`${name}: ${reply.error.message}`);
          results[index] = reply;
        }
      };
      await Promise.all(workers.map(lane));
      return results;
    },
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  };
}
