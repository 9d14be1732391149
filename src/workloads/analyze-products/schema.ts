import * as z from 'zod';
import { JsonNumber } from '../../core/json/number.ts';
import { countries } from './marketplaces.ts';

/** The highest price or cost. */
const most = 1e9;

/** A number, or text with a decimal point, as files hold it. */
function amount(value: unknown, context: z.RefinementCtx): number {
  const text = typeof value === 'string' ? value.trim() : value;
  const number =
    text instanceof JsonNumber || (typeof text === 'string' && /^\d+(\.\d+)?$/.test(text))
      ? Number(text)
      : text;
  if (typeof number === 'number' && number >= 0 && number <= most) return number;
  const message = `must be a number such as 12.50, from 0 to ${most}, but was ${JSON.stringify(value)}`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}

/** A column that may be missing; an empty cell counts as missing. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' || value === null ? undefined : value), schema.optional());

const upperCase = (value: unknown) => (typeof value === 'string' ? value.trim().toUpperCase() : value);
const currency = z
  .preprocess(upperCase, z.string())
  .pipe(z.string().regex(/^[A-Z]{3}$/, 'must be a currency such as USD'));

/** Not copied: a copy would lose the order of its columns. */
const row = z
  .custom<Record<string, unknown>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object',
  )
  .meta({ type: 'object' });

/** The meaning of a row's columns. All others pass through. */
const known = z.object({
  /** Checked when its turn comes, so that a wrong one fails alone. */
  asin: z.unknown().transform((value) =>
    String(value ?? '')
      .trim()
      .toUpperCase(),
  ),
  /** What a unit costs, in `currency`. */
  cost: z.unknown().transform(amount),
  /** Cost of bringing a unit to Amazon, or to the customer if the seller ships, in `currency`. */
  shipping: optional(z.unknown().transform(amount)),
  /** Kilograms of a packed unit. Default: the catalog's figure. */
  weight: optional(z.unknown().transform(amount)),
  /** What the customer pays, in the marketplace's currency. Default: the buy box's price. */
  price: optional(z.unknown().transform(amount)),
  /** Currency of cost and shipping. Default: the marketplace's. */
  currency: optional(currency),
  /** Default: the option's. */
  marketplace: optional(z.preprocess(upperCase, z.enum(countries))),
  /** FBA: Amazon ships; FBM: the seller does. Default: the option's. */
  fulfilment: optional(z.preprocess(upperCase, z.enum(['FBA', 'FBM']))),
});

/** A row: its columns as they came, and their meaning. */
export const itemSchema = row.transform((own, context) => {
  const parsed = known.safeParse(own);
  if (parsed.success) return { own, ...parsed.data };
  for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message });
  return z.NEVER;
});

const percent = z.number().min(0).max(1_000);

export const optionsSchema = z.strictObject({
  marketplace: z.enum(countries).default('US'),
  fulfilment: z.enum(['FBA', 'FBM']).default('FBA'),
  /**
   * What one unit of each currency is worth, all in the same currency: for costs in a currency other than the
   * marketplace's.
   */
  exchange: z.record(z.string().regex(/^[A-Z]{3}$/), z.number().min(1e-6).max(1e6)).default({}),
  /** Freight by kilogram and preparation by unit, in the currency of the job's marketplace. */
  freightPerKg: z.number().min(0).max(most).default(0),
  prepCost: z.number().min(0).max(most).default(0),
  /** Duty, in percent of the cost. */
  dutyPercent: percent.default(0),
  /** VAT that the price includes and the seller owes. */
  vatPercent: percent.default(0),
  /** What a product must reach for `buy`. */
  thresholds: z
    .strictObject({
      roiPercent: z.number().default(30),
      marginPercent: z.number().default(10),
      /** By unit, in the currency of the job's marketplace. */
      profit: z.number().default(3),
      salesPerMonth: z.number().min(0).default(10),
      /** How far the price may be above its 90-day mean, in percent. */
      pricePercentOverMean: z.number().min(0).default(20),
    })
    .prefault({}),
});

export type Item = z.output<typeof itemSchema>;
export type Options = z.output<typeof optionsSchema>;
export type Thresholds = Options['thresholds'];
