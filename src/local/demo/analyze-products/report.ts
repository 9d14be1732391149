import { styleText } from 'node:util';
import type { Analysis } from '../../../workloads/analyze-products/analysis.ts';
import type { ProductsSummary } from '../../../workloads/analyze-products/summary.ts';
import { type Column, textTable } from '../text-table.ts';

const columns: readonly Column[] = [
  { title: 'product' },
  { title: 'ASIN' },
  { title: 'price', right: true },
  { title: 'landed', right: true },
  { title: 'fees', right: true },
  { title: 'profit', right: true },
  { title: 'ROI', right: true },
  { title: 'sales/month', right: true },
  { title: 'verdict' },
  { title: 'why' },
];

const colourOf = { buy: 'green', review: 'yellow', skip: 'red', 'insufficient data': 'gray' } as const;
/** Maximum characters of a text cell. */
const widest = 44;

/** One row per product. */
export function productTable(products: readonly Analysis[]): string {
  return textTable(columns, products.map(row));
}

function row(product: Analysis): string[] {
  const { title, asin, price, landed_cost, fees, profit, roi_percent, sales_month, verdict, reasons } =
    product;
  const money = (amount: number | null) => amount?.toFixed(2) ?? '–';
  return [
    cut(title ?? '–'),
    asin,
    ...[price, landed_cost, fees, profit].map(money),
    roi_percent === null ? '–' : `${roi_percent}%`,
    String(sales_month ?? '–'),
    styleText(colourOf[verdict], verdict),
    cut(reasons),
  ];
}

function cut(text: string): string {
  return text.length > widest ? `${text.slice(0, widest - 1)}…` : text;
}

/** The products' verdicts, and why some failed. */
export function summaryText({ products, verdicts, roiPercent, failures }: ProductsSummary): string {
  const counts = Object.entries(verdicts).map(
    ([verdict, count]) => `${styleText(colourOf[verdict as keyof typeof colourOf], verdict)} ${count}`,
  );
  const classes = Object.entries(roiPercent).map(([name, count]) => `${name}: ${count}`);
  return [
    `${styleText('bold', `${products} products`)}: ${counts.join(' · ')}`,
    `by ROI in percent: ${classes.join(' · ')}`,
    ...failures.map(({ code, items, example }) => `${styleText('red', '✗')} ${items} × ${code}: ${example}`),
  ].join('\n');
}
