import { SpillwayError } from '../engine/errors.ts';
import { type Alternative, alternativesOf } from './alternatives.ts';
import { type Cost, ownCost } from './cost.ts';
import { forecastErrors } from './forecast-errors.ts';
import { type Plan, type PlanInput, readPlan } from './input.ts';
import { requestsPerItem } from './rates.ts';
import { onMachine, type Scale, variantsOf } from './scale.ts';
import { type VendorCost, vendorCost } from './vendor-cost.ts';
import { warningsOf } from './warnings.ts';

/** The demand on an upstream over the whole run. */
export interface Volume {
  upstream: string;
  requests: number;
  bytesIn: number;
  bytesOut: number;
}

/** A scale with AWS's whole bill, and with what the upstreams charge as far as that is known, both in USD. */
export type PricedScale = Scale & { usd: number; vendorsUsd: number };

/** The expected course of a run. All of it is estimated, except the sums. */
export interface Forecast {
  /** With adaptive workers. */
  plan: Plan;
  slices: number;
  /** One for each requested number of workers, then the adaptive one. */
  scales: PricedScale[];
  /** On the machine that the plan names: without a bill of AWS. */
  machine?: PricedScale;
  volumes: Volume[];
  /** The adaptive scale's cost. */
  cost: Cost;
  /** What the upstreams charge for it. */
  vendors: VendorCost;
  alternatives: Alternative[];
  warnings: string[];
}

/**
 * Forecasts a run from what is known beforehand. Pure: the same input gives the same forecast. Throws
 * `PLAN_INVALID`, naming each wrong value.
 */
export function forecast(input: PlanInput): Forecast {
  const plan = readPlan(input);
  const variants = variantsOf(plan);
  const chosen = variants.find(({ scale }) => scale.adaptive);
  if (!chosen) throw new SpillwayError(forecastErrors.NO_SCALE, 'The forecast has no adaptive scale');
  const { slices, scale } = chosen;
  return {
    plan: chosen.plan,
    slices: slices.count,
    scales: variants.map((one) => priced(plan, one.scale, ownCost(one.plan, one.slices, one.scale).usd)),
    ...(plan.machine && { machine: priced(plan, onMachine(plan, plan.machine.processors), 0) }),
    volumes: plan.upstreams.map((upstream) => {
      const requests = plan.items * requestsPerItem(upstream);
      return {
        upstream: upstream.name,
        requests,
        bytesIn: requests * upstream.bytesIn,
        bytesOut: requests * upstream.bytesOut,
      };
    }),
    cost: ownCost(chosen.plan, slices, scale),
    vendors: vendorCost(plan, scale),
    alternatives: alternativesOf(chosen.plan, slices, scale),
    warnings: warningsOf(
      chosen.plan,
      slices,
      variants.map((one) => one.scale),
      scale,
    ),
  };
}

function priced(plan: Plan, scale: Scale, usd: number): PricedScale {
  return { ...scale, usd, vendorsUsd: vendorCost(plan, scale).usd };
}

/** The scale with this number of workers, or the adaptive one. Throws `SCALE_UNKNOWN`, naming those that exist. */
export function scaleWith({ scales }: Forecast, workers?: number): PricedScale {
  const found = scales.find((one) => (workers === undefined ? one.adaptive : one.workers === workers));
  if (found) return found;
  const known = scales.map((one) => one.workers).join(', ');
  throw new SpillwayError(
    forecastErrors.SCALE_UNKNOWN,
    `There is no forecast for ${workers} workers; available: ${known}`,
  );
}
