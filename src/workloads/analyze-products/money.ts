import { ItemError } from '../../core/engine/errors.ts';
import { analysisErrors } from './analysis-errors.ts';

/** Money is counted in whole minor units (cents; yen have none) so that sums are exact. Keepa does the same. */
const digitsOf = (currency: string): number => (currency === 'JPY' ? 0 : 2);

/** An amount such as 12.50 in minor units, rounded half up. */
export function toMinor(amount: number, currency: string): number {
  // Scaled as text: 1.005 * 100 is less than 100.5.
  return Math.round(Number(`${amount.toFixed(6)}e${digitsOf(currency)}`));
}

/** Minor units as an amount such as 12.5. */
export function fromMinor(minor: number, currency: string): number {
  return Number(`${minor}e-${digitsOf(currency)}`);
}

/** What one unit of each currency is worth, in any common unit. */
export type Exchange = Readonly<Record<string, number>>;

/**
 * What one unit of `from` is worth in `to`. The job's own currency is worth 1 unless the options say otherwise.
 * Throws `CURRENCY_UNKNOWN` if a worth is missing.
 */
export function exchangeRate(from: string, to: string, exchange: Exchange, own: string): number {
  if (from === to) return 1;
  const worth = (currency: string) => {
    const known = exchange[currency] ?? (currency === own ? 1 : undefined);
    if (known !== undefined) return known;
    const message = `options.exchange has no rate for ${currency}`;
    throw new ItemError(analysisErrors.CURRENCY_UNKNOWN, message);
  };
  return worth(from) / worth(to);
}
