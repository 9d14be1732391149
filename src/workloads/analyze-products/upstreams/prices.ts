import type { VendorPrice } from '../../../core/forecast/input.ts';

/**
 * Keepa's plans are subscriptions by tokens a minute, in euros without tax. Only the smallest could be confirmed: €49 a
 * month for 20 tokens a minute, in descriptions of 2026; the table on keepa.com/#!api is filled in by the browser.
 */
const keepaPlans: readonly { perMinute: number; eur: number }[] = [{ perMinute: 20, eur: 49 }];
/** Assumed: about the rate of 2026. */
const usdPerEur = 1.16;

/** The plan with this many tokens a minute; undefined if its price could not be confirmed. */
export function keepaPrice(perMinute: number): VendorPrice | undefined {
  const plan = keepaPlans.find((one) => one.perMinute === perMinute);
  return (
    plan && {
      what: `the plan with ${perMinute} tokens/min, €${plan.eur}`,
      usd: plan.eur * usdPerEur,
      per: 'month',
      page: 'https://keepa.com/#!api',
      readOn: '2026-11-28',
      certainty: 'second-hand',
    }
  );
}

/**
 * Amazon had announced $1,400 a year and fees for GET calls from 2026-04-30, and has withdrawn both: "we will not move
 * forward with the SP-API usage and annual fees at this time". A seller's own application was never to pay.
 */
export const spApiPrice: VendorPrice = {
  what: 'calls: no charge',
  usd: 0,
  per: 'call',
  unitsPerItem: 0,
  page: 'https://developer.amazonservices.com/excluded-api',
  readOn: '2026-11-28',
  certainty: 'quoted',
};
