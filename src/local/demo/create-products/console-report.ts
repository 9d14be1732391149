import { styleText } from 'node:util';
import { type Column, textTable } from '../text-table.ts';
import type { Figures } from './figures.ts';
import type { ProductResult } from './results.ts';

const columns: readonly Column[] = [
  { title: 'product' },
  { title: 'title' },
  { title: 'status' },
  { title: 'photos', right: true },
  { title: 'time', right: true },
  { title: 'where' },
  { title: 'attempts', right: true },
];

/** The content of the first answer, and where the rest will appear. */
export function firstAnswerText(status: number, seconds: number, products: readonly ProductResult[]): string {
  const settled = products.filter((product) => product.status !== 'pending');
  const elsewhere = settled.filter(({ where }) => where === 'continuation').length;
  const rest = products.length - settled.length;
  const shares = `${settled.length - elsewhere} in the call, ${elsewhere} by continuation functions meanwhile`;
  const after = styleText('bold', `${status} after ${seconds.toFixed(1)} s`);
  const next =
    rest === 0
      ? 'All of it fitted into the call; a smaller --api-timeout shows an answer that is partial.'
      : `The other ${rest} go on over SQS in continuation functions:`;
  return `${after}: ${settled.length} of ${products.length} products (${shares}).\n${next}`;
}

/** A row per product, followed by a line for each photo that failed. */
export function productTable(products: readonly ProductResult[]): string {
  const table = textTable(columns, products.map(row));
  const failures = products.flatMap(({ productId, photos }) =>
    photos.flatMap(({ name, error }) =>
      error ? [`${styleText('red', '✗')} ${productId} ${name}: ${error.code}: ${error.message}`] : [],
    ),
  );
  return [table, ...(failures.length > 0 ? ['', ...failures] : [])].join('\n');
}

const colourOf = { created: 'green', failed: 'red', pending: 'yellow' } as const;

function row({ productId, metadata, status, photos, seconds, where, attempts }: ProductResult): string[] {
  const good = photos.filter(({ picture }) => picture).length;
  return [
    productId,
    metadata.title,
    styleText(colourOf[status], status),
    `${good}/${photos.length}`,
    `${seconds.toFixed(1)} s`,
    where === 'continuation' ? styleText('cyan', where) : where,
    String(attempts),
  ];
}

export function summaryLine({
  created,
  products,
  photos,
  photosFailed,
  wallTime,
  work,
  firstAnswer,
}: Figures): string {
  return [
    styleText('bold', `${created} of ${products} products`),
    `${photos - photosFailed} of ${photos} photos`,
    `first answer after ${firstAnswer.after.toFixed(1)} s`,
    `all done after ${wallTime.toFixed(1)} s`,
    `the products' times add up to ${work.toFixed(1)} s`,
  ].join(' · ');
}
