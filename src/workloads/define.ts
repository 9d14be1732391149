import type { Variables } from '../core/engine/environment.ts';
import { SpillwayError } from '../core/engine/errors.ts';
import { limitsProblem } from '../core/jobs/model/workload-limits.ts';
import type { Workload } from '../core/jobs/workload.ts';
import { workloadErrors } from './workload-errors.ts';

/** Names that URLs, metrics and limits can carry. */
const namePattern = /^[a-z][a-z0-9-]*$/;

/**
 * Checks a workload's definition once and erases its types: a job's life handles the items of every workload alike.
 * That is safe because the workload's own schemas parse items and options before they are recorded. Throws
 * `WORKLOAD_INVALID`, naming the value.
 */
export function defineWorkload<Item, Options, Output>(workload: Workload<Item, Options, Output>): Workload {
  const { name, upstreams = [], settings = {}, limits } = workload;
  if (!namePattern.test(name)) {
    throw new SpillwayError(
      workloadErrors.WORKLOAD_INVALID,
      `A workload's name has lower-case letters, digits and '-'; got '${name}'`,
    );
  }
  const problem =
    upstreamsProblem(upstreams) ??
    variablesProblem(Object.assign({}, settings, ...upstreams.map(({ variables }) => variables))) ??
    limitsProblem(limits);
  if (problem !== undefined) throw new SpillwayError(workloadErrors.WORKLOAD_INVALID, `${name}: ${problem}`);
  return workload as unknown as Workload;
}

function upstreamsProblem(upstreams: NonNullable<Workload['upstreams']>): string | undefined {
  const names = upstreams.map(({ name }) => name);
  const odd = names.find((name) => !namePattern.test(name));
  if (odd !== undefined) return `an upstream's name has lower-case letters, digits and '-'; got '${odd}'`;
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  return twice === undefined ? undefined : `the upstream ${twice} is declared twice`;
}

/**
 * Variables must be optional: functions that only read jobs start without them, and an item asks for what it needs.
 */
function variablesProblem(variables: Variables): string | undefined {
  const needed = Object.entries(variables).find(([, schema]) => !schema.safeParse(undefined).success);
  return (
    needed && `the variable ${needed[0]} must bear to be missing: give it a default, or make it optional`
  );
}
