import type { ProductResult } from './results.ts';

/** The figures of a run. Times in seconds. */
export interface Figures {
  products: number;
  created: number;
  failed: number;
  photos: number;
  photosFailed: number;
  /** Products settled by the function that answered, and by its continuations. */
  inTheCall: number;
  continued: number;
  /** From the request to the end of the job. */
  wallTime: number;
  /** The sum of the products' times. They run concurrently and wait for each other, so it exceeds the CPU time. */
  work: number;
  firstAnswer: FirstAnswer;
}

export interface FirstAnswer {
  status: number;
  after: number;
  /** Products with an outcome in the first answer. */
  settled: number;
  /** Seconds that the gateway would have waited. */
  limit: number;
}

export function figuresOf(
  products: readonly ProductResult[],
  wallTime: number,
  firstAnswer: FirstAnswer,
): Figures {
  const count = (matches: (product: ProductResult) => boolean) => products.filter(matches).length;
  const photos = products.flatMap((product) => product.photos);
  return {
    products: products.length,
    created: count(({ status }) => status === 'created'),
    failed: count(({ status }) => status === 'failed'),
    photos: photos.length,
    photosFailed: photos.filter(({ error }) => error).length,
    inTheCall: count(({ where }) => where === 'in the call'),
    continued: count(({ where }) => where === 'continuation'),
    wallTime,
    work: products.reduce((sum, { seconds }) => sum + seconds, 0),
    firstAnswer,
  };
}
