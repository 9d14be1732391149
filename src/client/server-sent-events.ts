/** One event of a `text/event-stream`. */
export interface ServerSentEvent {
  id: string | undefined;
  event: string;
  data: string;
}

/** Yields the events of a stream as they arrive; skips comments and blocks without data. */
export async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const found = eventIn(block);
      if (found) yield found;
    }
  }
}

function eventIn(block: string): ServerSentEvent | undefined {
  const lines = block.split('\n').map((line) => {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    return { name, value };
  });
  const data = lines.filter(({ name }) => name === 'data').map(({ value }) => value);
  if (data.length === 0) return undefined;
  const last = (wanted: string) => lines.findLast(({ name }) => name === wanted)?.value;
  return { id: last('id'), event: last('event') ?? 'message', data: data.join('\n') };
}
