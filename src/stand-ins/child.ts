import type { Socket } from 'node:net';
import { type SandboxOptions, startSandbox } from './sandbox.ts';

// Serves connections that its parent has accepted, for as long as that lives.
const options: SandboxOptions = JSON.parse(process.argv[2] ?? '{}');
// The parent decides when to end, also at a Ctrl+C that the whole terminal gets: work under way may still need this.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
process.once('disconnect', () => process.exit());

const sandbox = await startSandbox(options);
process.on('message', (_, socket) => {
  // The caller may be gone already.
  if (socket) sandbox.accept(socket as Socket);
});
process.send?.('ready');
