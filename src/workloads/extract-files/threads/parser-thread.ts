/**
 * The thread that parses files, one at a time. Parsers compute for as long as a file takes, and a bad file can make
 * them run forever or fill the memory: in here that ends this thread and nothing else.
 */
import { parentPort } from 'node:worker_threads';
import { ExtractError } from '../extract-error.ts';
import { parse } from '../parse/parse.ts';
import type { ParseReply, ParseTask } from './messages.ts';

async function reply({ kind, bytes }: ParseTask): Promise<ParseReply> {
  try {
    const { info, text } = await parse(kind, bytes);
    // In its own buffer, so that it can be transferred: small Buffers share one.
    return { info, text: new Uint8Array(new TextEncoder().encode(text)) };
  } catch (error) {
    if (error instanceof ExtractError) return { error: { code: error.code, message: error.message } };
    const message = error instanceof Error ? error.message : String(error);
    return { error: { code: 'FILE_DAMAGED', message: `The file cannot be read: ${message}` } };
  }
}

parentPort?.on('message', async (task: ParseTask) => {
  const answer = await reply(task);
  parentPort?.postMessage(answer, 'text' in answer ? [answer.text.buffer] : []);
});

parentPort?.postMessage('ready');
