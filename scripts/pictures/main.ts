/**
 * How well products are cut out, and how well that is known: the scenes in `test/pictures` against their exact masks.
 * With `--calibrate` also some 210 scenes that are drawn and put together here, and the constants of `review.ts` fitted
 * anew to them: a few minutes.
 *
 *     npm run pictures
 *     npm run pictures -- --calibrate
 */
import { parseArgs } from 'node:util';
import { createSubjectFinder } from '../../src/workloads/create-products/pictures/background.ts';
import { leastConfidence } from '../../src/workloads/create-products/pictures/review.ts';
import { drawnScenes, emptyScenes, pastedScenes, shuffledScenes } from './composed.ts';
import { type Accuracy, accuracyOf, isWrong, type Measured, measure, shouldBeReviewed } from './measure.ts';
import { probability, regress } from './regression.ts';
import { renderedScenes, type Scene } from './scene.ts';

const { calibrate } = parseArgs({ options: { calibrate: { type: 'boolean', default: false } } }).values;
const finder = createSubjectFinder({ models: 1, threads: 1 });
const measureAll = async (scenes: readonly Scene[]) => {
  const all: Measured[] = [];
  for (const scene of scenes) all.push(await measure(scene, finder));
  return all;
};

const rendered = await renderedScenes();
const measured = await measureAll(rendered);
console.log('| scene | MAE | IoU | confidence | review |\n| --- | ---: | ---: | ---: | --- |');
for (const { scene, mae, iou, verdict } of measured) {
  const { confidence, reasons } = verdict;
  console.log(
    `| ${scene.name} | ${mae.toFixed(4)} | ${iou.toFixed(3)} | ${confidence} | ${reasons.join(', ')} |`,
  );
}
const products = measured.filter(({ scene }) => scene.products > 0);
const mean = (of: (one: Measured) => number) =>
  products.reduce((sum, one) => sum + of(one), 0) / products.length;
console.log(
  `| mean of ${products.length} | ${mean(({ mae }) => mae).toFixed(4)} | ${mean(({ iou }) => iou).toFixed(3)} | | |`,
);
const needsReview = ({ verdict }: Measured) => verdict.reasons.length > 0;
tell('review, these scenes', accuracyOf(measured, shouldBeReviewed, needsReview));

if (calibrate) {
  const drawn = [...(await drawnScenes()), ...(await shuffledScenes(50)), ...(await emptyScenes(21))];
  const made = await measureAll([...drawn, ...(await pastedScenes(rendered, 100))]);
  crossValidate([...measured, ...made]);
}
await finder.close();

/** Each scene is judged by a model that has seen neither it nor any other scene of its product. */
function crossValidate(all: readonly Measured[]): void {
  const isMask = ({ verdict }: Measured) => !verdict.reasons.includes('no-subject');
  const example = (one: Measured) => ({
    x: [Math.log(one.figures.edgeWidth + 0.1), one.figures.openwork],
    y: isWrong(one),
  });
  const masks = all.filter(isMask);
  const { constant, weights } = regress(masks.map(example));
  const [edgeWidth = 0, openwork = 0] = weights;
  console.log(
    `\n${all.length} scenes, ${masks.length} with a mask: constant ${constant.toFixed(2)}, edgeWidth ${edgeWidth.toFixed(2)}, openwork ${openwork.toFixed(2)}`,
  );
  const doubtful = new Set<Measured>();
  for (const [product, held] of Map.groupBy(masks, ({ scene }) => scene.product)) {
    const others = regress(masks.filter(({ scene }) => scene.product !== product).map(example));
    for (const one of held) {
      if (probability(others, example(one).x) > 1 - leastConfidence) doubtful.add(one);
    }
  }
  const isDoubtful = (one: Measured) => !isMask(one) || doubtful.has(one);
  const isFlagged = (one: Measured) =>
    isDoubtful(one) || one.verdict.reasons.some((reason) => reason !== 'undecided-edges');
  tell('wrong masks, cross-validated', accuracyOf(all, isWrong, isDoubtful));
  tell(
    'no subject',
    accuracyOf(
      all,
      ({ scene }) => scene.products === 0,
      (one) => !isMask(one),
    ),
  );
  tell('review, cross-validated', accuracyOf(all, shouldBeReviewed, isFlagged));
  tell('review, as shipped', accuracyOf(all, shouldBeReviewed, needsReview));
  for (const one of all) {
    const [should, does] = [shouldBeReviewed(one), isFlagged(one)];
    if (should !== does)
      console.log(`${does ? 'false alarm' : 'missed'}: ${one.scene.name}, IoU ${one.iou.toFixed(2)}`);
  }
}

function tell(what: string, { precision, recall, right, falseAlarms, missed }: Accuracy): void {
  console.log(
    `${what}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)} (${right} right, ${falseAlarms} false alarms, ${missed} missed)`,
  );
}
