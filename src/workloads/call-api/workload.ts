import type { Workload } from '../../core/jobs/workload.ts';
import { type CallingPorts, callingWorkload } from './calling.ts';
import { callConfig } from './config-file.ts';
import { callApiOptions } from './options.ts';

/** Assumed, until the configuration says what to expect. */
export const usualAnswer = { latencyMs: 1_000, answerBytes: 2_000, rowBytes: 100, addedBytes: 100 };

/** Asks any HTTP API about each row of a file, or tells it: what is sent and what is read stands in the options. */
export function callApi(ports: CallingPorts): Workload {
  return callingWorkload(
    {
      name: 'call-api',
      description:
        'Calls an HTTP API for each row, with any method, and writes fields of the answers into columns',
      options: callApiOptions({
        allowHttp: ports.downloads.allowHttp ?? false,
        standIns: ['plain', 'cards'],
      }),
      idColumns: ['id', 'ID', 'Id', 'user_id', 'userId', 'uuid', 'key'],
      usual: usualAnswer,
      configFile: callConfig('rows', usualAnswer),
    },
    ports,
  );
}
