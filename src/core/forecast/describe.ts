import type { CostLine } from './cost.ts';
import type { Forecast, PricedScale } from './forecast.ts';
import type { Plan } from './input.ts';
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
    `${plan.name}: ${countText(plan.items)} items in ${countText(slices)} ${slices === 1 ? 'slice' : 'slices'} of ${countText(size)}, ` +
    `${countText(plan.slots)} at a time${plan.callsOf ? '' : ' in each worker'}\nAll figures are estimates.`;
  const sections = [
    heading,
    ...(plan.assumed.length > 0 ? [`Assumed\n${listOf(plan.assumed)}`] : []),
    durations(forecast),
    ...plan.upstreams.map(({ name }) => load(forecast, name)),
    ...(plan.upstreams.length > 0 ? [vendorBill(forecast)] : []),
    bill(forecast),
    comparison(forecast),
    ...(warnings.length > 0 ? [`Warnings\n${listOf(warnings)}`] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

const listOf = (lines: readonly string[]) => lines.map((one) => `- ${one}`).join('\n');

/** The quantity whose values the forecast compares. */
const counted = ({ callsOf }: Plan) => callsOf?.option ?? 'workers';

function durations({ plan, scales, machine, vendors }: Forecast): string {
  const charged = vendors.lines.length > 0;
  const columns = [
    right(counted(plan)),
    right('takes about'),
    right('items/s'),
    right(charged ? 'AWS, USD' : 'USD'),
    ...(charged ? [right('vendors, USD')] : []),
    left('held back by'),
  ];
  const row = (scale: PricedScale, name: string) => [
    name,
    durationText(scale.durationMs),
    numberText(scale.itemsPerSecond),
    usdText(scale.usd),
    ...(charged ? [`${usdText(scale.vendorsUsd)}${vendors.unknown.length > 0 ? ' + ?' : ''}`] : []),
    boundText(scale.bound, counted(plan)),
  ];
  const rows = scales.map((scale) => row(scale, nameOf(scale)));
  if (machine) rows.push(row(machine, `this machine: ${machine.workers}`));
  return [`How long\n${tableOf(columns, rows)}`, ...(machine ? [machineNote(plan)] : [])].join('\n');
}

function machineNote({ machine, callsOf }: Plan): string {
  const processes = callsOf
    ? 'one process at a time'
    : `as many processes as help, up to ${machine?.processors}`;
  return `This machine: spillway run or npm start here, with ${processes}. AWS charges nothing for it.`;
}

function nameOf({ workers, adaptive }: Scale): string {
  return adaptive ? `adaptive: ${workers}` : String(workers);
}

const bounds = {
  slots: 'the slots: more',
  processors: 'the processors: more',
  slices: 'few slices: smaller ones would help',
  'start-up': 'the start-up of the workers',
  wait: 'waiting in the queue',
};

function boundText(bound: Bound, workers: string): string {
  if (bound.kind === 'rate') return `the limit of ${bound.upstream}, ${bound.limit}`;
  const more = bound.kind === 'slots' || bound.kind === 'processors';
  return `${bounds[bound.kind]}${more ? ` ${workers} would help` : ''}`;
}

function load({ plan, scales, volumes }: Forecast, upstream: string): string {
  const columns = [
    right(counted(plan)),
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

/** How to add what only an upstream's owner knows. */
const addPrice = 'Add it: expect.usd_per_call in a configuration, or prices in --figures.';

function vendorBill({ vendors: { lines, unknown, usd } }: Forecast): string {
  const columns = [left('vendor'), left('for'), right('about'), left('unit'), right('USD')];
  const rows = lines.map(({ vendor, what, quantity, unit, usd }) => [
    vendor,
    what,
    quantity >= 1000 ? countText(quantity) : numberText(quantity),
    unit,
    usdText(usd),
  ]);
  const table = lines.length > 0 ? [tableOf(columns, [...rows, ['in all', '', '', '', usdText(usd)]])] : [];
  const sources = new Set(
    lines.map(
      ({ vendor, price: { page, readOn, certainty } }) =>
        `${vendor}: ${page}${readOn === undefined ? '' : `, ${readOn}`}, ${certainty}.`,
    ),
  );
  const missing = unknown.map((name) => `${name}: the price is not known.`);
  return [
    'What the vendors charge',
    ...table,
    ...sources,
    ...missing,
    ...(missing.length > 0 ? [addPrice] : []),
  ].join('\n');
}

function bill({ plan, cost }: Forecast): string {
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
  return `What it costs on AWS, with adaptive ${counted(plan)}\n${table}`;
}

function comparison({ cost, alternatives }: Forecast): string {
  const columns = [left('the same job on'), right('work'), right('handing out'), right('USD')];
  const offers = [{ name: 'Spillway', notes: [], ...cost }, ...alternatives];
  const rows = offers.map(({ name, workUsd, usd }) => [
    name,
    usdText(workUsd),
    usdText(usd - workUsd),
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

const favour =
  "Left out in the others' favour: S3 for items and results, a shared rate, progress.\nIn Step Functions a failed batch starts over.";

function priceNote(costs: readonly { lines: CostLine[] }[]): string {
  const used = new Set(
    costs.flatMap(({ lines }) => lines.filter(({ usd }) => usd > 0).map(({ price }) => price)),
  );
  const unsure = [...used].filter((name) => prices[name].certainty !== 'quoted').length;
  return (
    `List prices of ${pricesRegion} on ${pricesOn}, without free tiers and discounts; ` +
    `${unsure} of ${used.size} are second-hand\nor assumed; src/core/forecast/prices.ts names them. Check them before you rely on them.`
  );
}
