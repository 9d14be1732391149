import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Colour } from './colours.ts';

/** Rows of pixels from the top, one byte for each channel. */
export interface Bitmap {
  data: Uint8Array;
  width: number;
  height: number;
  channels: number;
}

/** How the opacity lies over the pixels: scaled to this size; the pixels show its part from (left, top). */
export interface Placement {
  scaled: { width: number; height: number };
  region: { left: number; top: number };
}

/** Pixels between two turns of the event loop: about 2 ms. */
const PIXELS_PER_TURN = 1 << 18;

/**
 * Makes red, green and blue transparent where `opacity` is low; an opacity that `pixels` already have is kept.
 * Returns 4 channels, or 3 over a background. Hidden colours become black, which compresses well and reveals
 * nothing of the background. Works in one pass over the pixels: libvips needs five, each with its own copy, and
 * takes six times as long. `opacity` is scaled up with Catmull-Rom splines; to use it at a smaller size, shrink it
 * first.
 */
export async function blend(
  pixels: Bitmap,
  opacity: Bitmap,
  { scaled, region }: Placement,
  background?: Colour,
): Promise<Bitmap> {
  const { width, height } = pixels;
  const across = splineOf(width, region.left, opacity.width / scaled.width, opacity.width);
  const down = splineOf(height, region.top, opacity.height / scaled.height, opacity.height);
  const stretched = stretch(opacity, across, width);
  const channels = background ? 3 : 4;
  const data = Buffer.allocUnsafe(width * height * channels);
  const row = new Uint8ClampedArray(width);
  let sinceTurn = 0;
  for (let y = 0; y < height; y++) {
    fillRow(row, stretched, down, y);
    if (background) overColour(pixels, row, y, background, data);
    else overNothing(pixels, row, y, data);
    sinceTurn += width;
    if (sinceTurn >= PIXELS_PER_TURN) {
      sinceTurn = 0;
      await nextTurn();
    }
  }
  return { data, width, height, channels };
}

/** The source of each value: four places and four weights. */
interface Spline {
  at: Int32Array;
  weights: Float32Array;
}

/**
 * `step`: source pixels per pixel. Centres of pixels lie on centres; beyond an edge the source repeats its last
 * value.
 */
function splineOf(length: number, start: number, step: number, sourceLength: number): Spline {
  const at = new Int32Array(length * 4);
  const weights = new Float32Array(length * 4);
  for (let i = 0; i < length; i++) {
    const place = (start + i + 0.5) * step - 0.5;
    const before = Math.floor(place);
    const t = place - before;
    for (let tap = 0; tap < 4; tap++) {
      at[i * 4 + tap] = Math.max(0, Math.min(sourceLength - 1, before - 1 + tap));
    }
    weights[i * 4] = ((-0.5 * t + 1) * t - 0.5) * t;
    weights[i * 4 + 1] = (1.5 * t - 2.5) * t * t + 1;
    weights[i * 4 + 2] = ((-1.5 * t + 2) * t + 0.5) * t;
    weights[i * 4 + 3] = (0.5 * t - 0.5) * t * t;
  }
  return { at, weights };
}

/** Every row of the opacity at its full width. */
function stretch({ data, width, height }: Bitmap, { at, weights }: Spline, to: number): Float32Array {
  const rows = new Float32Array(to * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0, tap = 0; x < to; x++, tap += 4) {
      rows[y * to + x] =
        (data[y * width + (at[tap] ?? 0)] ?? 0) * (weights[tap] ?? 0) +
        (data[y * width + (at[tap + 1] ?? 0)] ?? 0) * (weights[tap + 1] ?? 0) +
        (data[y * width + (at[tap + 2] ?? 0)] ?? 0) * (weights[tap + 2] ?? 0) +
        (data[y * width + (at[tap + 3] ?? 0)] ?? 0) * (weights[tap + 3] ?? 0);
    }
  }
  return rows;
}

/** A spline may overshoot the range of bytes: `row` has to clamp. */
function fillRow(row: Uint8ClampedArray, rows: Float32Array, { at, weights }: Spline, y: number): void {
  const width = row.length;
  const tap = y * 4;
  const [first = 0, second = 0, third = 0, fourth = 0] = at.subarray(tap, tap + 4).map((one) => one * width);
  const [w1 = 0, w2 = 0, w3 = 0, w4 = 0] = weights.subarray(tap, tap + 4);
  for (let x = 0; x < width; x++) {
    row[x] =
      (rows[first + x] ?? 0) * w1 +
      (rows[second + x] ?? 0) * w2 +
      (rows[third + x] ?? 0) * w3 +
      (rows[fourth + x] ?? 0) * w4;
  }
}

function overNothing({ data, width, channels }: Bitmap, row: Uint8ClampedArray, y: number, to: Buffer): void {
  let from = y * width * channels;
  let at = y * width * 4;
  for (let x = 0; x < width; x++, from += channels, at += 4) {
    const shown = shownOf(row[x] ?? 0, data, from, channels);
    to[at] = shown === 0 ? 0 : (data[from] ?? 0);
    to[at + 1] = shown === 0 ? 0 : (data[from + 1] ?? 0);
    to[at + 2] = shown === 0 ? 0 : (data[from + 2] ?? 0);
    to[at + 3] = shown;
  }
}

function overColour(
  { data, width, channels }: Bitmap,
  row: Uint8ClampedArray,
  y: number,
  [red, green, blue]: Colour,
  to: Buffer,
): void {
  let from = y * width * channels;
  let at = y * width * 3;
  for (let x = 0; x < width; x++, from += channels, at += 3) {
    const shown = shownOf(row[x] ?? 0, data, from, channels) / 255;
    to[at] = red + ((data[from] ?? 0) - red) * shown + 0.5;
    to[at + 1] = green + ((data[from + 1] ?? 0) - green) * shown + 0.5;
    to[at + 2] = blue + ((data[from + 2] ?? 0) - blue) * shown + 0.5;
  }
}

/** 0 to 255. */
function shownOf(opacity: number, data: Uint8Array, from: number, channels: number): number {
  return channels === 4 ? Math.round((opacity * (data[from + 3] ?? 0)) / 255) : opacity;
}
