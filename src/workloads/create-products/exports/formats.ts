import type { CatalogEntry, ExportFormat } from '../../../core/jobs/catalog.ts';
import { toJson } from '../../../core/json/text.ts';
import type { ProductEntry } from '../entry.ts';
import type { ProductFormat } from './csv.ts';
import { shopifyCsv } from './shopify.ts';
import { wooCommerceCsv } from './woocommerce.ts';

const jsonLines: ExportFormat = {
  contentType: 'application/x-ndjson',
  start: () => '',
  text: (entry) => `${toJson(entry)}\n`,
};

/** The catalog gives a format its own entries, and no others. */
const ofProducts = ({ text, ...format }: ProductFormat): ExportFormat => ({
  ...format,
  text: (entry: CatalogEntry, fields) => text(entry as ProductEntry, fields),
});

export const exportFormats = {
  'shopify-csv': ofProducts(shopifyCsv),
  'woocommerce-csv': ofProducts(wooCommerceCsv),
  jsonl: jsonLines,
} satisfies Record<string, ExportFormat>;
