import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  accuracyOf,
  type Measured,
  measure,
  shouldBeReviewed,
} from '../../../../scripts/pictures/measure.ts';
import { renderedScenes } from '../../../../scripts/pictures/scene.ts';
import { createSubjectFinder } from '../../../../src/workloads/create-products/pictures/background.ts';

/** `npm run pictures` prints what these bounds are about; each leaves a tenth or so to other processors. */
const finder = createSubjectFinder({ models: 1, threads: 1 });
let scenes: Measured[] = [];
beforeAll(async () => {
  scenes = await Promise.all((await renderedScenes()).map((scene) => measure(scene, finder)));
}, 60_000);
afterAll(() => finder.close());

const named = (name: string) => scenes.find(({ scene }) => scene.name === name);

it('products are cut out as well as ever', () => {
  const products = scenes.filter(({ scene }) => scene.products > 0);
  expect(products).toHaveLength(8);
  const mean = (of: (one: Measured) => number) =>
    products.reduce((sum, one) => sum + of(one), 0) / products.length;
  expect(mean(({ mae }) => mae)).toBeLessThan(0.022);
  expect(mean(({ iou }) => iou)).toBeGreaterThan(0.9);
  for (const { scene, iou } of products) {
    if (!['wire_basket', 'chair_thin_legs'].includes(scene.name))
      expect(iou, scene.name).toBeGreaterThan(0.96);
  }
});

it('an empty table has no subject, however sure the model is', () => {
  expect(named('empty_table')?.verdict).toEqual({ confidence: 0, reasons: ['no-subject'] });
});

it('what came out wrong is flagged, and nothing else', () => {
  const flagged = accuracyOf(scenes, shouldBeReviewed, ({ verdict }) => verdict.reasons.length > 0);
  expect(flagged).toMatchObject({ precision: 1, recall: 1, right: 3 });
  expect(named('wire_basket')?.verdict.reasons).toEqual(['undecided-edges']);
  expect(named('chair_thin_legs')?.verdict.reasons).toEqual(['undecided-edges']);
});
