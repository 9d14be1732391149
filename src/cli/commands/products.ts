import { type Command, InvalidArgumentError } from 'commander';
import type { ExportQuery, Product } from '../../client/contract.ts';
import { tableOf } from '../../core/forecast/table.ts';
import { toJson } from '../../core/json/text.ts';
import type { ConnectionOptions } from '../connection-options.ts';

import { wholeNumber, withConnection } from '../options.ts';
import { inSession } from '../session.ts';
import { checkTarget, standardStream } from '../target.ts';
import { writeOutput } from '../write-target.ts';

interface ListOptions extends ConnectionOptions {
  limit: number;
  cursor?: string;
  json?: boolean;
}

interface ExportOptions extends ConnectionOptions {
  format: ExportQuery['format'];
  fields?: string;
  output?: string;
}

/** `spillway products`: what the catalog has. */
export function addProducts(program: Command): void {
  const products = program
    .command('products')
    .summary('list, show, delete or export the products of the catalog')
    .description('Reads the products that jobs have made.')
    .addHelpText(
      'after',
      '\nExample:\n  spillway products export --format shopify-csv --output products.csv',
    );
  addList(products);
  addGet(products);
  addDelete(products);
  addExport(products);
}

function addList(products: Command): void {
  withConnection(products.command('list'))
    .summary('list products')
    .description('Lists products in the order of their ids.')
    .option('--limit <n>', 'how many products to list', wholeNumber(1, 200), 50)
    .option('--cursor <id>', 'begin behind this product')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', '\nExample:\n  spillway products list --limit 5')
    .action(({ limit, cursor, json, ...options }: ListOptions) =>
      inSession(options, async ({ client }) => {
        const page = await client.listProducts({ limit, ...(cursor !== undefined && { cursor }) });
        const text = json ? page.products.map(toJson).join('\n') : table(page.products);
        if (text !== '') process.stdout.write(`${text}\n`);
        if (page.cursor !== undefined) process.stderr.write(`There are more: --cursor ${page.cursor}\n`);
        return 0;
      }),
    );
}

function addGet(products: Command): void {
  withConnection(products.command('get').argument('<id>', 'catalogId of the product'))
    .summary('print a product')
    .description('Prints a product as JSON, with links to its pictures.')
    .addHelpText('after', '\nExample:\n  spillway products get prod_7fd4fd276c2889032c04cb62')
    .action((id: string, options: ConnectionOptions) =>
      inSession(options, async ({ client }) => {
        process.stdout.write(`${toJson(await client.getProduct(id))}\n`);
        return 0;
      }),
    );
}

function addDelete(products: Command): void {
  withConnection(products.command('delete').argument('<id...>', 'catalogIds of products'))
    .summary('delete products with their pictures')
    .description('Deletes products and their pictures. A product that does not exist is no error.')
    .addHelpText('after', '\nExample:\n  spillway products delete prod_7fd4fd276c2889032c04cb62')
    .action((ids: string[], options: ConnectionOptions) =>
      inSession(options, async ({ client }) => {
        for (const id of ids) await client.deleteProduct(id);
        return 0;
      }),
    );
}

function addExport(products: Command): void {
  withConnection(products.command('export'))
    .summary('write all products to a file for a shop')
    .description('Writes all products as CSV for Shopify or WooCommerce, or as JSON Lines.')
    .requiredOption('--format <format>', 'shopify-csv, woocommerce-csv or jsonl', notEmpty)
    .option('--fields <names>', 'CSV: custom fields that get columns of their own, separated by commas')
    .option('--output <file>', 'write to this file (default: the standard output)')
    .addHelpText('after', '\nExample:\n  spillway products export --format shopify-csv --output products.csv')
    .action(({ format, fields, output, ...options }: ExportOptions) => {
      if (output !== undefined) checkTarget(output);
      return inSession(options, async ({ client }, { signal }) => {
        const parts = client.exportProducts({ format, ...(fields !== undefined && { fields }) });
        await writeOutput(output ?? standardStream, parts, signal);
        return 0;
      });
    });
}

/** The service knows its formats, and names them where there is no such one. */
function notEmpty(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('It must be the name of a format.');
}

function table(products: readonly Product[]): string {
  if (products.length === 0) return 'There are no products.';
  const left = (heading: string) => ({ heading, align: 'left' as const });
  const right = (heading: string) => ({ heading, align: 'right' as const });
  return tableOf(
    [left('id'), left('product'), left('title'), right('price'), right('pictures'), left('changed')],
    products.map(({ catalogId, productId = '', metadata, images, updatedAt }) => [
      catalogId,
      productId,
      metadata.title.length > 40 ? `${metadata.title.slice(0, 39)}…` : metadata.title,
      [metadata.price, metadata.currency].filter((part) => part !== undefined).join(' '),
      String(images.length),
      updatedAt.slice(0, 19).replace('T', ' '),
    ]),
  );
}
