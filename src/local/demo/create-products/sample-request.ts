import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  CreateProductsOptions,
  ImageSource,
  ProductGroup,
} from '../../../workloads/create-products/schema.ts';

const events = new URL('../../../../events/', import.meta.url);

/** A body of `POST /create-products`. */
export interface SampleRequest {
  productGroups: ProductGroup[];
  options: Partial<CreateProductsOptions>;
}

/** The demo's request. Its photos come from `events/photos`, which the service has as uploads. */
export async function sampleRequest(): Promise<SampleRequest> {
  return JSON.parse(await readFile(new URL('create-products.json', events), 'utf8'));
}

/** Name of a photo's file. */
export function sampleName({ key = '' }: ImageSource): string {
  return basename(key);
}

/** The path of a photo on this machine. */
export function samplePath(name: string): string {
  return fileURLToPath(new URL(`photos/${encodeURIComponent(name)}`, events));
}
