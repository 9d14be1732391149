import { createProductsDemo } from './create-products/scenario.ts';
import type { Demo } from './demo.ts';
import { recommendCardsDemo } from './recommend-cards/scenario.ts';

/** All demos, the default first. */
export const demos: readonly [Demo, ...Demo[]] = [createProductsDemo, recommendCardsDemo];
