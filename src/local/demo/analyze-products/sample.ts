import { readFile } from 'node:fs/promises';

/**
 * Made for the demo: invented products, including one row with a wrong ASIN, one with an unknown one, and one
 * without a cost.
 */
export const sampleFile = new URL('../../../../events/products.csv', import.meta.url);

export const badRows = 3;

export const options = { freightPerKg: 1.9, dutyPercent: 4.5 };

/** The file, and its number of products. */
export async function readSample(): Promise<{ text: string; rows: number }> {
  const text = await readFile(sampleFile, 'utf8');
  return { text, rows: text.trim().split('\n').length - 1 };
}
