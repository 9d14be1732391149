// Preloaded into function processes: fetching a photo of this name kills the process, as a decoder's crash would.
import { subscribe } from 'node:diagnostics_channel';

subscribe('undici:request:create', ({ request }) => {
  if (request.path.includes('/kill-process.jpg')) process.kill(process.pid, 'SIGKILL');
});
