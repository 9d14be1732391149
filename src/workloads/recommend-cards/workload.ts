import * as z from 'zod';
import { ItemError } from '../../core/engine/errors.ts';
import type { Workload } from '../../core/jobs/workload.ts';
import { JsonNumber } from '../../core/json/number.ts';
import { extended, namesOf } from '../../core/json/shape.ts';
import { defineWorkload } from '../define.ts';
import type { WorkloadPorts } from '../ports.ts';
import { openCardApis } from './card-api.ts';
import { cardErrors } from './card-errors.ts';
import { cardConfig } from './config-file.ts';
import { type CardOptions, cardOptions } from './options.ts';
import { parsePath, valueAt } from './paths.ts';
import { isEmpty, textOf } from './placeholder.ts';
import { cardFigures } from './plan.ts';
import { environmentSecrets, resolveSecrets } from './secrets.ts';
import { sliceSizeOf } from './slice-size.ts';
import { columnsOf, compileTemplate } from './template.ts';

type CardPorts = Pick<WorkloadPorts, 'upstreamDeps' | 'downloads' | 'accounts' | 'env'>;

const user = z.record(z.string(), z.unknown());
type User = z.output<typeof user>;

const longestId = 200;
/** Columns that may name a user, so that readers of the outcomes can tell users apart. */
const usualIds = ['user_id', 'userId', 'id'];
/** Users for each log line. */
const progressEvery = 100;

/**
 * Asks the job's own API about each user: a template makes the body, and the answer fills columns of the output.
 */
export function recommendCards(ports: CardPorts): Workload {
  const { downloads, env } = ports;
  const secrets = environmentSecrets(env);
  const apis = openCardApis(ports);
  const compiled = new WeakMap<CardOptions, ReturnType<typeof compile>>();
  /** Users that this worker has finished, by job. */
  const done = new Map<string, number>();

  const compiledOf = (options: CardOptions) => {
    const known = compiled.get(options) ?? compile(options);
    compiled.set(options, known);
    return known;
  };

  return defineWorkload<User, CardOptions, User>({
    name: 'recommend-cards',
    description: 'Calls an API for each user and writes fields of the answers into columns',
    item: user,
    options: cardOptions(downloads.allowHttp ?? false),
    columns: ({ id_column: id, api }) => [...new Set([id, ...columnsOf(api.body_template)])],
    limits: {
      concurrency: 20,
      sliceSize: sliceSizeOf(20),
      checkpointMs: 1_000,
      expectedMsPerUnit: 2_700,
      // One makes the calls; the other takes over seat by seat while the first one's slice runs out:
      // src/core/limits/seats.ts.
      maxWorkers: 2,
    },
    figures: (options, { expect }) => cardFigures(options, expect),
    configFile: cardConfig,
    weight: () => 1,
    idOf: (item) => {
      const column = usualIds.find((one) => !isEmpty(item[one]));
      return column && textOf(item[column]);
    },
    tune: ({ processing }) => ({
      concurrency: processing.max_workers,
      sliceSize: sliceSizeOf(processing.max_workers),
      failures: { share: processing.max_error_rate, of: processing.error_window },
    }),

    async run(item, { options, jobId, tenant, signal, stopAt, log }) {
      const { body, fields } = compiledOf(options);
      checkId(item, options.id_column);
      const json = body(item);
      const headers = Object.fromEntries(
        Object.entries(options.api.headers).map(([name, value]) => [
          name.toLowerCase(),
          resolveSecrets(value, tenant, secrets),
        ]),
      );
      const answer = await apis.ask({ jobId, tenant, options }, { json, headers, signal, stopAt });
      const found = fields.map((field) => [field.column, read(answer.body, field)] as const);
      const users = (done.get(jobId) ?? 0) + 1;
      done.clear();
      done.set(jobId, users);
      if (users % progressEvery === 0)
        log.info('recommend-cards: users processed by this worker', { jobId, users });
      return extended(item, found);
    },
  });
}

interface Field {
  column: string;
  path: ReturnType<typeof parsePath>;
  text: string;
  missing: 'fail' | 'empty';
}

function compile({ api }: CardOptions) {
  const fields = namesOf(api.response_fields).map((column): Field => {
    const field = api.response_fields[column] ?? '';
    const { path, missing = api.missing_fields } = typeof field === 'string' ? { path: field } : field;
    return { column, path: parsePath(path), text: path, missing };
  });
  return { body: compileTemplate(api.body_template), fields };
}

function checkId(item: User, column: string): void {
  const value = Object.hasOwn(item, column) ? item[column] : undefined;
  const known = typeof value === 'string' || typeof value === 'number' || value instanceof JsonNumber;
  const text = known ? String(value).trim() : '';
  if (text !== '' && text.length <= longestId && !/\p{Cc}/u.test(text)) return;
  const why = isEmpty(value) ? 'is empty' : `must be a text of up to ${longestId} characters, or a number`;
  throw new ItemError(cardErrors.INVALID_USER_ID, `Column "${column}" ${why}`, { details: { column } });
}

function read(body: unknown, { column, path, text, missing }: Field): unknown {
  const value = valueAt(body, path);
  if (value !== undefined) return value ?? '';
  if (missing === 'empty') return '';
  throw new ItemError(cardErrors.FIELD_MISSING, `The answer has no ${text} for column "${column}"`, {
    details: { column },
  });
}
