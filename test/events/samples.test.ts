import { createReadStream, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openRows } from '../../src/core/formats/open-rows.ts';
import { itemSchema } from '../../src/workloads/analyze-products/schema.ts';
import { compileTemplate } from '../../src/workloads/call-api/template.ts';
import { leadOf } from '../../src/workloads/enrich-leads/lead.ts';
import { leadRow } from '../../src/workloads/enrich-leads/schema.ts';
import { cardConfig } from '../../src/workloads/recommend-cards/config-file.ts';
import { cardOptions } from '../../src/workloads/recommend-cards/options.ts';

/** The items that the rows of a file are, as a job reads it. */
async function itemsOf(path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for await (const { rows } of openRows(createReadStream(path))) {
    for (const row of rows) {
      if ('problem' in row) throw new Error(`${path}, row ${row.row}: ${row.problem.message}`);
      items.push(row.value);
    }
  }
  return items;
}

/** What is wrong with items: a line for each that is not accepted. */
const refused = <Item>(items: readonly Item[], accept: (item: Item) => unknown) =>
  items.flatMap((item) => {
    try {
      accept(item);
      return [];
    } catch (error) {
      return [String(error)];
    }
  });

it('leads.csv has two rows that fail alone', async () => {
  const leads = await itemsOf('events/leads.csv');
  expect(leads).toHaveLength(24);
  const problems = refused(leads, (row) => leadOf(leadRow.parse(row)));
  expect(problems).toEqual([expect.stringMatching(/domain/i), expect.stringMatching(/e-?mail/i)]);
});

it('products.csv has one row that has no cost', async () => {
  const products = await itemsOf('events/products.csv');
  expect(products).toHaveLength(120);
  expect(refused(products, (row) => itemSchema.parse(row))).toEqual([expect.stringContaining('cost')]);
});

it("recommend-cards/users.csv fills the configuration's template but for two rows that fail alone", async () => {
  const config = JSON.parse(readFileSync('events/recommend-cards/real_config.json', 'utf8'));
  const { options, input } = cardConfig.read(config);
  const { api, id_column } = cardOptions(false).parse(options);
  const users = await itemsOf(`events/recommend-cards/${input}`);
  expect(users).toHaveLength(40);
  expect(new Set(users.map((row) => row[id_column])).size).toBe(40);
  expect(refused(users, compileTemplate(api.body_template))).toEqual([
    expect.stringContaining(id_column),
    expect.stringContaining('dining'),
  ]);
});

it('recommend-cards.apigw.json asks what the configuration asks', () => {
  const { body } = JSON.parse(readFileSync('events/recommend-cards.apigw.json', 'utf8'));
  const { options } = cardConfig.read(
    JSON.parse(readFileSync('events/recommend-cards/real_config.json', 'utf8')),
  );
  expect(JSON.parse(body).options).toEqual(options);
});
