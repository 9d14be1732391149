import { analyzeProductsDemo } from './analyze-products/scenario.ts';
import { createProductsDemo } from './create-products/scenario.ts';
import type { Demo } from './demo.ts';
import { enrichLeadsDemo } from './enrich-leads/scenario.ts';
import { extractFilesDemo } from './extract-files/scenario.ts';
import { recommendCardsDemo } from './recommend-cards/scenario.ts';

/** All demos, the default first. */
export const demos: readonly [Demo, ...Demo[]] = [
  createProductsDemo,
  enrichLeadsDemo,
  analyzeProductsDemo,
  recommendCardsDemo,
  extractFilesDemo,
];
