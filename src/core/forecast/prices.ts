/**
 * How sure a price is. `quoted`: found word for word in a transcript of the seller's own page. `second-hand`: other
 * sites quote that page; the browser fills in AWS's tables, for example, so they could not be read directly.
 * `assumed`: from memory, or converted.
 */
export const certainties = ['quoted', 'second-hand', 'assumed'] as const;
export type Certainty = (typeof certainties)[number];

/** One price in USD. */
export interface Price {
  usd: number;
  /** The billed unit: `request`, `GB-second`. */
  per: string;
  /** The AWS page that states it. */
  page: string;
  certainty: Certainty;
}

/** When the table was last checked. */
export const pricesOn = '2026-11-22';
export const pricesRegion = 'us-east-1';

const million = 1e6;
const aws = 'https://aws.amazon.com';

/**
 * List prices without free tiers, volume discounts and savings plans. Each was checked on {@link pricesOn}
 * against the source named beside it.
 */
export const prices = {
  /** cloudchipr.com and others; a transcript of the page of 2026-09-20 has $0.20 per million for Managed Instances. */
  lambdaRequest: {
    usd: 0.2 / million,
    per: 'request',
    page: `${aws}/lambda/pricing/`,
    certainty: 'second-hand',
  },
  /** cloudchipr.com/blog/aws-lambda-pricing (2024): the first 7.5 billion GB-seconds a month. */
  lambdaArm64: {
    usd: 0.0000133334,
    per: 'GB-second',
    page: `${aws}/lambda/pricing/`,
    certainty: 'second-hand',
  },
  /** The same: the first 6 billion GB-seconds a month. */
  lambdaX86: {
    usd: 0.0000166667,
    per: 'GB-second',
    page: `${aws}/lambda/pricing/`,
    certainty: 'second-hand',
  },
  /** A transcript of the page of 2026-09-20, in a worked example: $8.00/M. */
  durableOperation: {
    usd: 8 / million,
    per: 'operation',
    page: `${aws}/lambda/pricing/`,
    certainty: 'quoted',
  },
  /** Comparisons of durable engines that cite the page (2026). */
  durableWritten: { usd: 0.25, per: 'GB written', page: `${aws}/lambda/pricing/`, certainty: 'second-hand' },
  durableKept: { usd: 0.15, per: 'GB-month', page: `${aws}/lambda/pricing/`, certainty: 'second-hand' },
  /** cloudburn.io/blog/amazon-sqs-pricing (2026-03): standard queues, the first 100 billion a month. */
  sqsRequest: { usd: 0.4 / million, per: 'request', page: `${aws}/sqs/pricing/`, certainty: 'second-hand' },
  /** The same page, and no other, gives the price of a message group on a standard queue. */
  sqsFairRequest: {
    usd: 0.1 / million,
    per: 'request',
    page: `${aws}/sqs/pricing/`,
    certainty: 'second-hand',
  },
  /** airbyte.com/data-engineering-resources/dynamodb-pricing (2025-07), after the cut of November 2024. */
  dynamoWrite: {
    usd: 0.625 / million,
    per: 'write request unit',
    page: `${aws}/dynamodb/pricing/on-demand/`,
    certainty: 'second-hand',
  },
  dynamoRead: {
    usd: 0.125 / million,
    per: 'read request unit',
    page: `${aws}/dynamodb/pricing/on-demand/`,
    certainty: 'second-hand',
  },
  /** $0.25 for the table and $0.20 for its point-in-time recovery; lists of 2020. */
  dynamoStorage: {
    usd: 0.45,
    per: 'GB-month',
    page: `${aws}/dynamodb/pricing/on-demand/`,
    certainty: 'second-hand',
  },
  /** devnotes.tech/understanding-aws-s3-pricing-a-complete-cost-breakdown-with-examples. */
  s3Put: { usd: 0.005 / 1000, per: 'request', page: `${aws}/s3/pricing/`, certainty: 'second-hand' },
  s3Get: { usd: 0.0004 / 1000, per: 'request', page: `${aws}/s3/pricing/`, certainty: 'second-hand' },
  s3Storage: { usd: 0.023, per: 'GB-month', page: `${aws}/s3/pricing/`, certainty: 'second-hand' },
  /** wring.co/blog/aws-step-functions-pricing-guide (2026-03), for all three. */
  stateTransition: {
    usd: 25 / million,
    per: 'state transition',
    page: `${aws}/step-functions/pricing/`,
    certainty: 'second-hand',
  },
  expressRequest: {
    usd: 1 / million,
    per: 'request',
    page: `${aws}/step-functions/pricing/`,
    certainty: 'second-hand',
  },
  expressDuration: {
    usd: 0.00001667,
    per: 'GB-second',
    page: `${aws}/step-functions/pricing/`,
    certainty: 'second-hand',
  },
  /** Standard logs, ingested. */
  logs: { usd: 0.5, per: 'GB', page: `${aws}/cloudwatch/pricing/`, certainty: 'assumed' },
  /** To the internet, the first 10 TB a month; inbound traffic is free. unanswered.io (2026), devnotes.tech. */
  dataOut: { usd: 0.09, per: 'GB', page: `${aws}/ec2/pricing/on-demand/`, certainty: 'second-hand' },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof prices;
