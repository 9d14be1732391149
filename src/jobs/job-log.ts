import type { Log } from './ports.ts';
import type { Room } from './room.ts';

/** The room, with a log whose every line names the job. */
export function forJob(room: Room, jobId: string): Room {
  return { ...room, log: withFields(room.log, { jobId }) };
}

function withFields(log: Log, fields: Record<string, unknown>): Log {
  return {
    info: (message, more) => log.info(message, { ...fields, ...more }),
    warn: (message, more) => log.warn(message, { ...fields, ...more }),
    error: (message, more) => log.error(message, { ...fields, ...more }),
  };
}
