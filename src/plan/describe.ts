import type { CostLine } from './cost.ts';
import type { Forecast } from './forecast.ts';
import { prices, pricesOn, pricesRegion } from './prices.ts';
import type { Bound, Scale } from './scale.ts';
import { type Column, tableOf } from './table.ts';
import { bytesText, countText, durationText, numberText, usdText } from './units.ts';

const left = (heading: string): Column => ({ heading, align: 'left' });
const right = (heading: string): Column => ({ heading, align: 'right' });

/** The whole forecast for a terminal: plain text, at most 110 characters wide unless names are long. */
export function describe(forecast: Forecast): string {
  const { plan, slices, warnings } = forecast;
  const size = Math.min(plan.sliceSize, plan.items);
  const heading =
    `${plan.name}: ${countText(plan.items)} items in ${countText(slices)} slices of ${countText(size)}, ` +
    `${countText(plan.slots)} at a time in each worker\nAll figures are estimates.`;
  const sections = [
    heading,
    durations(forecast),
    ...plan.upstreams.map(({ name }) => load(forecast, name)),
    bill(forecast),
    comparison(forecast),
    ...(warnings.length > 0 ? [`Mind\n${warnings.map((one) => `- ${one}`).join('\n')}`] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

function durations({ scales }: Forecast): string {
  const columns = [
    right('workers'),
    right('takes about'),
    right('items/s'),
    right('USD'),
    left('held back by'),
  ];
  const rows = scales.map((scale) => [
    nameOf(scale),
    durationText(scale.durationMs),
    numberText(scale.itemsPerSecond),
    usdText(scale.usd),
    boundText(scale.bound),
  ]);
  return `How long\n${tableOf(columns, rows)}`;
}

function nameOf({ workers, adaptive }: Scale): string {
  return adaptive ? `adaptive: ${workers}` : String(workers);
}

const bounds = {
  slots: 'its slots: more workers would help',
  slices: 'few slices: smaller ones would help',
  'start-up': 'the start of the workers',
};

function boundText(bound: Bound): string {
  return bound.kind === 'rate' ? `the limit of ${bound.upstream}, ${bound.limit}` : bounds[bound.kind];
}

function load({ scales, volumes }: Forecast, upstream: string): string {
  const columns = [
    right('workers'),
    right('requests/s'),
    right('under way'),
    right('Mbit/s in'),
    right('Mbit/s out'),
    right('requests/day'),
    right('volume/day'),
  ];
  const rows = scales.flatMap((scale) =>
    scale.loads
      .filter((one) => one.upstream === upstream)
      .map((one) => [
        nameOf(scale),
        numberText(one.requestsPerSecond),
        numberText(one.underWay),
        numberText(one.inMbps),
        numberText(one.outMbps),
        countText(one.requestsPerDay),
        bytesText(one.bytesPerDay),
      ]),
  );
  const total = volumes.find((one) => one.upstream === upstream);
  const inAll =
    total &&
    `In all about ${countText(total.requests)} requests, ${bytesText(total.bytesIn)} in, ${bytesText(total.bytesOut)} out.`;
  return `Load on ${upstream}\n${tableOf(columns, rows)}\n${inAll ?? ''}`;
}

function bill({ cost }: Forecast): string {
  const columns = [left('service'), left('for'), right('about'), left('unit'), right('USD')];
  const rows = cost.lines
    .filter(({ quantity }) => quantity > 0)
    .map(({ service, what, quantity, unit, usd }) => [
      service,
      what,
      quantity >= 1000 ? countText(quantity) : numberText(quantity),
      unit,
      usdText(usd),
    ]);
  const table = tableOf(columns, [...rows, ['in all', '', '', '', usdText(cost.usd)]]);
  return `What it costs on AWS, with adaptive workers\n${table}`;
}

function comparison({ cost, alternatives }: Forecast): string {
  const work = (lines: readonly CostLine[]) => lines.filter(isWork).reduce((sum, { usd }) => sum + usd, 0);
  const columns = [left('the same job on'), right('work'), right('handing out'), right('USD')];
  const offers = [{ name: 'Spillway', notes: [], ...cost }, ...alternatives];
  const rows = offers.map(({ name, lines, usd }) => [
    name,
    usdText(work(lines)),
    usdText(usd - work(lines)),
    usdText(usd),
  ]);
  const notes = alternatives.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}.`));
  return [
    `Beside others\n${tableOf(columns, rows)}`,
    ...notes,
    favour,
    priceNote([cost, ...alternatives]),
  ].join('\n');
}

/** What whoever hands it out pays alike: the workers' time, what they send, what they log. */
function isWork({ service, what }: CostLine): boolean {
  return what === 'workers' || service === 'Internet' || service === 'CloudWatch';
}

const favour =
  "Left out in the others' favour: S3 for items and results, a shared rate, progress.\nIn Step Functions a failed batch starts over.";

function priceNote(costs: readonly { lines: CostLine[] }[]): string {
  const used = new Set(
    costs.flatMap(({ lines }) => lines.filter(({ usd }) => usd > 0).map(({ price }) => price)),
  );
  const unsure = [...used].filter((name) => prices[name].certainty !== 'quoted').length;
  return (
    `List prices of ${pricesRegion} on ${pricesOn}, without free tiers and discounts; ` +
    `${unsure} of ${used.size} are second-hand\nor assumed: src/plan/prices.ts says which. Check them before you rely on them.`
  );
}
