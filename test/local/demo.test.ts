import { stripVTControlCharacters, styleText } from 'node:util';
import { expect, test } from 'vitest';
import type { JobView } from '../../src/core/jobs/views/view.ts';
import type { GalleryPhoto, GalleryProduct } from '../../src/local/demo/create-products/gallery.ts';
import { joinResults } from '../../src/local/demo/create-products/results.ts';
import { problemsOf } from '../../src/local/demo/create-products/verdict.ts';
import { Html, html } from '../../src/local/demo/html.ts';
import { textTable } from '../../src/local/demo/text-table.ts';
import type { ProductView } from '../../src/workloads/create-products/product-view.ts';

const group = (...names: string[]) => ({
  images: names.map((name) => ({ key: `uploads/local/samples/${name}` })),
  metadata: { title: 'Mug' },
});
const pictureOf = (image: number) => ({
  key: `products/local/job/0/${image}.webp`,
  url: `http://store/${image}`,
  width: 10,
  height: 20,
  bytes: 30,
  subjectFound: true,
  confidence: 0.97,
  needsReview: false,
  reviewReasons: [],
  renditions: [],
});
const broken = { code: 'PHOTO_TRUNCATED', message: 'The end of the photo is missing', retryable: false };
const view = (more: Partial<ProductView>): ProductView => ({
  index: 0,
  status: 'created',
  images: [],
  attempts: 1,
  durationMs: 1500,
  ...more,
});

test('a picture belongs to its photo although an earlier photo failed', () => {
  const views = [view({ images: [pictureOf(0), pictureOf(2)], imageErrors: [{ image: 1, ...broken }] })];
  const [product] = joinResults([group('a.jpg', 'b.jpg', 'c.jpg')], views);
  expect(product?.photos.map(({ name, picture, error }) => [name, picture?.url ?? error?.code])).toEqual([
    ['a.jpg', 'http://store/0'],
    ['b.jpg', 'PHOTO_TRUNCATED'],
    ['c.jpg', 'http://store/2'],
  ]);
});

test('a failed group gives each photo its own error, or else the error of the group', () => {
  const details = [
    { image: 0, ...broken },
    { image: 1, ...broken, code: 'PHOTO_EMPTY' },
  ];
  const bad = view({ status: 'failed', error: { ...broken, code: 'ALL_PHOTOS_FAILED', details } });
  const lost = view({ index: 1, status: 'failed', error: { ...broken, code: 'ITEM_CRASHED' } });
  const products = joinResults([group('a.jpg', 'b.jpg'), group('c.jpg')], [bad, lost]);
  expect(products.map(({ photos }) => photos.map(({ error }) => error?.code))).toEqual([
    ['PHOTO_TRUNCATED', 'PHOTO_EMPTY'],
    ['ITEM_CRASHED'],
  ]);
});

test('a group without a result is pending', () => {
  const products = joinResults([group('a.jpg'), group('b.jpg')], [view({ index: 1, ranOn: 'continueJob' })]);
  expect(products.map(({ status, where }) => [status, where])).toEqual([
    ['pending', 'in the call'],
    ['created', 'continuation'],
  ]);
});

const job = { status: 'completed', successCount: 1, errorCount: 0 } as JobView;
const measures = { path: 'x.webp', width: 10, height: 20, bytes: 30 };
const goodPhoto: GalleryPhoto = {
  name: 'a.jpg',
  original: measures,
  sound: true,
  picture: pictureOf(0),
  cutOut: measures,
};
const productWith = (...photos: GalleryPhoto[]): GalleryProduct => ({
  index: 0,
  productId: 'P',
  metadata: { title: 'Mug' },
  status: 'created',
  where: 'in the call',
  seconds: 1,
  attempts: 1,
  photos,
});

test('a run is fine when only a damaged photo failed', () => {
  const damaged: GalleryPhoto = { name: 'b.jpg', original: measures, sound: false, error: broken };
  expect(problemsOf(job, [productWith(goodPhoto, damaged)])).toEqual([]);
});

test.each<[string, JobView, GalleryProduct]>([
  [
    'a sound photo failed',
    job,
    productWith({ name: 'a.jpg', original: measures, sound: true, error: broken }),
  ],
  [
    'a download is not what was announced',
    job,
    productWith({ ...goodPhoto, cutOut: { ...measures, bytes: 29 } }),
  ],
  ['a picture is missing', job, productWith({ name: 'a.jpg', original: measures, sound: true })],
  ['the counts of job and results differ', { ...job, successCount: 2 }, productWith(goodPhoto)],
  ['the job failed', { ...job, status: 'failed' }, productWith(goodPhoto)],
])('a run has a problem when %s', (_name, ended, product) => {
  expect(problemsOf(ended, [product])).toHaveLength(1);
});

test('columns are aligned whatever colours their cells have', () => {
  const rows = [
    [styleText('red', 'no', { validateStream: false }), '1'],
    ['yes', '12'],
  ];
  const table = stripVTControlCharacters(textTable([{ title: 'ok' }, { title: 'n', right: true }], rows));
  expect(table.split('\n')).toEqual(['ok    n', '───  ──', 'no    1', 'yes  12']);
});

test('values in a page are escaped, pieces of a page are not', () => {
  const title = `<b>"Tom's" & Co</b>`;
  expect(html`<p title="${title}">${[html`<i>${1}</i>`, new Html('<hr>')]}</p>`.text).toBe(
    '<p title="&lt;b&gt;&quot;Tom&#39;s&quot; &amp; Co&lt;/b&gt;"><i>1</i><hr></p>',
  );
});
