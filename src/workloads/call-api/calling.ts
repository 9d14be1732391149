import * as z from 'zod';
import type { ConfigFile, Workload } from '../../core/jobs/workload.ts';
import { extended, namesOf } from '../../core/json/shape.ts';
import { defineWorkload } from '../define.ts';
import type { WorkloadPorts } from '../ports.ts';
import { openCalledApis } from './api-client.ts';
import { compileField } from './fields.ts';
import { type CallOptions, decisiveOptions, methodOf } from './options.ts';
import { isEmpty, type Row, textOf } from './placeholder.ts';
import { callFigures, type UsualAnswer } from './plan.ts';
import { compileRequest } from './request.ts';
import { environmentSecrets } from './secrets.ts';
import { sliceSizeOf } from './slice-size.ts';
import { standInProtocol } from './url.ts';

export { callConfig } from './config-file.ts';
export { apiFields, processing } from './options.ts';
export type { CallOptions, Row };
export { isEmpty };

export type CallingPorts = Pick<WorkloadPorts, 'upstreamDeps' | 'downloads' | 'accounts' | 'env'>;

/** A workload that asks one API about each item, as its configuration says; and what is its own about it. */
export interface Calling {
  name: string;
  description: string;
  options: z.ZodType<CallOptions>;
  /** Columns that may name an item, so that readers of the outcomes can tell items apart. */
  idColumns: readonly string[];
  /** Its calls only ask: whatever their method, sending one twice does no harm. */
  onlyAsks?: boolean;
  /** What an ordinary answer is like, if the configuration does not say. */
  usual: UsualAnswer;
  configFile: ConfigFile;
  /** Throws an `ItemError` for an item that cannot be asked about. */
  check?(item: Row, options: CallOptions): void;
}

const row = z.record(z.string(), z.unknown());
/** Methods of which a repeat has no further effect (RFC 9110, 9.2.2). */
const idempotent: ReadonlySet<string> = new Set(['GET', 'PUT', 'DELETE']);

/** Asks the job's own API about each item: templates make the request, and the answer fills columns of the output. */
export function callingWorkload(calling: Calling, ports: CallingPorts): Workload {
  const { name, idColumns, usual, configFile } = calling;
  const { unit, every } = configFile.counts;
  const secrets = environmentSecrets(ports.env);
  const apis = openCalledApis(ports);
  const compiled = new WeakMap<CallOptions, ReturnType<typeof compile>>();
  /** Items that this worker has finished, by job. */
  const done = new Map<string, number>();

  const compiledOf = (options: CallOptions) => {
    const known = compiled.get(options) ?? compile(options, calling);
    compiled.set(options, known);
    return known;
  };

  return defineWorkload<Row, CallOptions, Row>({
    name,
    description: calling.description,
    item: row,
    options: calling.options,
    columns: (options) => [...new Set([options.id_column ?? [], compileRequest(options.api).columns].flat())],
    limits: {
      concurrency: 20,
      sliceSize: sliceSizeOf(20),
      checkpointMs: 1_000,
      expectedMsPerUnit: usual.latencyMs,
      // One makes the calls; the other takes over seat by seat while the first one's slice runs out:
      // src/core/limits/seats.ts.
      maxWorkers: 2,
    },
    figures: (options, { expect }) => callFigures(options, usual, expect),
    decisiveOptions,
    standIns: ({ api: { url } }) => (url.startsWith(standInProtocol) ? [URL.parse(url)?.host ?? url] : []),
    configFile,
    weight: () => 1,
    idOf: (item) => {
      const column = idColumns.find((one) => !isEmpty(item[one]));
      return column && textOf(item[column]);
    },
    tune: ({ processing }) => ({
      concurrency: processing.max_workers,
      sliceSize: sliceSizeOf(processing.max_workers),
      failures: { share: processing.max_error_rate, of: processing.error_window },
    }),

    async run(item, { options, jobId, tenant, idempotencyKey, signal, stopAt, log }) {
      const { template, fields, ...kind } = compiledOf(options);
      calling.check?.(item, options);
      const request = template.of(item, { tenant, idempotencyKey }, secrets);
      const job = { jobId, tenant, options, origin: template.origin, ...kind };
      const answer = await apis.ask(job, { request, signal, stopAt });
      const found = fields.map(([column, read]) => [column, read(answer)] as const);
      const items = (done.get(jobId) ?? 0) + 1;
      done.clear();
      done.set(jobId, items);
      if (items % every === 0) log.info(`${name}: ${unit} processed by this worker`, { jobId, items });
      return extended(item, found);
    },
  });
}

function compile({ api }: CallOptions, calling: Calling) {
  const method = methodOf(api);
  const keyed = idempotent.has(method) || api.idempotency_header !== undefined;
  const fields = namesOf(api.response_fields).map(
    (column) => [column, api.response_fields[column] ?? ''] as const,
  );
  return {
    template: compileRequest(api),
    fields: fields.map(
      ([column, field]) => [column, compileField(column, field, api.missing_fields)] as const,
    ),
    readsJson: fields.some(([, field]) => typeof field === 'string' || 'path' in field),
    onlyAsks: calling.onlyAsks ?? (method === 'GET' || (method === 'POST' && api.repeatable === true)),
    repeatable: calling.onlyAsks ?? api.repeatable ?? keyed,
  };
}
