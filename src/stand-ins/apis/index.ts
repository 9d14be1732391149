import { amazonAuth } from './amazon-auth.ts';
import type { ApiDefinition } from './api.ts';
import { cards } from './cards.ts';
import { groq } from './groq/index.ts';
import { keepa } from './keepa/index.ts';
import { plain } from './plain.ts';
import { serper } from './serper.ts';
import { shopify } from './shopify/index.ts';
import { spApi } from './sp-api/index.ts';
import { woocommerce } from './woocommerce.ts';

/** All APIs, by the name that is also their path: `/serper`. */
export const apis = {
  serper,
  groq,
  'amazon-auth': amazonAuth,
  'sp-api': spApi,
  keepa,
  shopify,
  woocommerce,
  cards,
  plain,
} as const satisfies Readonly<Record<string, ApiDefinition>>;

export type ApiName = keyof typeof apis;

export const apiNames = Object.keys(apis) as [ApiName, ...ApiName[]];
