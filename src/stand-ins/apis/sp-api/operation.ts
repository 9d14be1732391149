import type { AmazonProduct } from '../../data/amazon-products.ts';
import type { ApiRequest, Plan, Reply } from '../api.ts';

/** What the operations draw on. */
export interface Catalog {
  product(asin: string): AmazonProduct;
  /** Whether what concerns this ASIN is scheduled to fail. */
  poisoned(asin: string): boolean;
}

/** An operation: it takes one token of the limit of its name, whatever comes of it, bad input included. */
export interface Operation {
  name: string;
  method: 'GET' | 'POST';
  path: string;
  decide(request: ApiRequest, catalog: Catalog): Pick<Plan, 'keys' | 'errorPerKey' | 'answer'> | Reply;
}

/** The entries of a comma-separated parameter. */
export function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
