import * as z from 'zod';
import { type Environment, readVariables } from './core/engine/environment.ts';
import { ceilings } from './core/jobs/model/retry-policy.ts';
import { workloadsToLookAt } from './workloads/describe.ts';
import { variablesOf } from './workloads/variables.ts';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const number = (fallback: number, min: number, max: number) =>
  z.coerce.number(`must be a number from ${min} to ${max}`).min(min).max(max).default(fallback);

/** The variables that belong to no workload. */
const variables = {
  SPILLWAY_LEDGER_TABLE: z.string().min(1),
  SPILLWAY_BUCKET: z.string().min(1),
  SPILLWAY_SLICE_QUEUE_URL: z.url(),
  /**
   * Seconds that the gateway waits for an answer. An HTTP API waits 30, fixed; one less leaves time for its own
   * work.
   */
  SPILLWAY_API_LIMIT_SECONDS: number(29, 1, 900),
  /** A job of POST /jobs with at most this many items runs while its caller waits. */
  SPILLWAY_INLINE_ITEMS: number(100, 0, 10_000),
  SPILLWAY_LEASE_SECONDS: number(ceilings.leaseSeconds, 1, 900),
  SPILLWAY_MAX_HOPS: number(ceilings.maxHops, 1, 1000),
  /** Most workers at a time: without the table, each keeps to its share of a rate. */
  SPILLWAY_MAX_WORKERS: number(50, 1, 10_000),
  SPILLWAY_MAX_WAITS: number(ceilings.maxWaits, 1, 10_000),
  SPILLWAY_MAX_CRASHES: number(ceilings.maxCrashes, 1, 20),
  /** Workers load during their cold start what workloads need; it stays in memory for every workload. */
  SPILLWAY_WARM_UP: flag.default(true),
  /** Signs webhooks. During a rotation, two separated by a comma, the new one first. Empty: no webhooks. */
  SPILLWAY_WEBHOOK_SECRET: z
    .string()
    .default('')
    .transform((list) => list.split(',').filter((secret) => secret !== ''))
    .pipe(z.array(z.string().min(32, 'must have at least 32 characters')).max(2)),
  /** Allows downloads from http:// addresses and webhooks to them; for local use. */
  SPILLWAY_ALLOW_HTTP: flag.default(false),
  /**
   * Non-public address ranges that downloads may come from and webhooks may go to, in CIDR notation; for local use.
   */
  SPILLWAY_ALLOW_ADDRESSES: z
    .string()
    .default('')
    .transform((list) => list.split(',').filter((range) => range !== '')),
  /** Directory for files that are kept out of the store; only on one machine. */
  SPILLWAY_FILES_DIR: z.string().min(1).optional(),
  /** Set by a command that runs the service: jobs that it starts are its own, and are held after its end. */
  SPILLWAY_SESSION: z.string().min(1).optional(),
  /** Set by Lambda. */
  AWS_LAMBDA_FUNCTION_NAME: z.string().default('local'),
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: number(3008, 128, 10240),
};

export interface ServiceSettings extends z.output<z.ZodObject<typeof variables>> {
  /** The whole environment: workloads read their own variables from it. */
  env: Environment;
}

/**
 * Reads the configuration once, at cold start. Throws `CONFIGURATION_INVALID`, naming each wrong variable, those of
 * workloads included.
 */
export function readSettings(env: Environment): ServiceSettings {
  readVariables({ ...variables, ...variablesOf(workloadsToLookAt()) }, env);
  return { ...readVariables(variables, env), env };
}
