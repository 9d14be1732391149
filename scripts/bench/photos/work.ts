import type { PictureOptions } from '../../../src/workloads/create-products/pictures/render.ts';

/** What all systems make of each photo: the workload's own defaults. */
export const wanted: PictureOptions = {
  outputFormat: 'webp',
  quality: 82,
  removeBackground: true,
  maxDimension: 1600,
};

/** A way to make a picture of each photo. Comes back from `start` when its models are loaded and have run once. */
export interface System {
  start(): Promise<Running>;
}

export interface Running {
  makeAll(photos: readonly Buffer[]): Promise<Buffer[]>;
  /**
   * The seconds that count, where they are not those that `makeAll` took. Asked after it.
   */
  seconds?(): number;
  stop(): Promise<void>;
}
