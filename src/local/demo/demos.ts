import { createProductsDemo } from './create-products/scenario.ts';
import type { Demo } from './demo.ts';
import { extractFilesDemo } from './extract-files/scenario.ts';

/** All demos, the default first. */
export const demos: readonly [Demo, ...Demo[]] = [createProductsDemo, extractFilesDemo];
