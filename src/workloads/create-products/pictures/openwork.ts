import { MODEL_SIDE } from './u2net.ts';

const PIXELS = MODEL_SIDE * MODEL_SIDE;
/**
 * Differences of a pixel's colour from that of the background around: up to the first it is like it, from the second
 * on it is not. 0–255, in the channel that differs most.
 */
const LIKE = 30;
const UNLIKE = 55;
/** Pixels of each kind among the 25 around a pixel that make a mixture. */
const FEW = 3;
/** Pixels of background that tell its colour. */
const KNOWN = 8;

/**
 * The share of a mask's certain pixels around which both the background's colour and another one are seen. A mask that
 * closes the gaps of wire, legs and lattices looks as certain as any other; the photo tells them apart.
 */
export function openworkOf(
  mask: Uint8Array,
  rgb: Uint8Array,
  { nothing, certain }: { nothing: number; certain: number },
): number {
  const outside = new Float32Array(PIXELS);
  let inside = 0;
  for (let at = 0; at < PIXELS; at++) {
    // Well below what still counts as background: no colour of the subject's soft edge.
    if ((mask[at] ?? 0) < nothing / 2) outside[at] = 1;
    if ((mask[at] ?? 0) >= certain) inside++;
  }
  if (inside === 0) return 0;
  // Wide enough to reach the middle of the subject from outside.
  const reach = Math.max(6, Math.round(Math.sqrt(inside) * 0.35));
  const weights = sums(outside, reach);
  const difference = new Float32Array(PIXELS);
  const channel = new Float32Array(PIXELS);
  for (let colour = 0; colour < 3; colour++) {
    for (let at = 0; at < PIXELS; at++) channel[at] = (outside[at] ?? 0) * (rgb[at * 3 + colour] ?? 0);
    const around = sums(channel, reach);
    for (let at = 0; at < PIXELS; at++) {
      const apart = Math.abs((rgb[at * 3 + colour] ?? 0) - (around[at] ?? 0) / (weights[at] || 1));
      if (apart > (difference[at] ?? 0)) difference[at] = apart;
    }
  }
  const like = new Float32Array(PIXELS);
  const unlike = new Float32Array(PIXELS);
  for (let at = 0; at < PIXELS; at++) {
    if ((weights[at] ?? 0) < KNOWN) continue;
    if ((difference[at] ?? 0) < LIKE) like[at] = 1;
    else if ((difference[at] ?? 0) > UNLIKE) unlike[at] = 1;
  }
  const likes = sums(like, 2);
  const unlikes = sums(unlike, 2);
  let mixed = 0;
  for (let at = 0; at < PIXELS; at++) {
    if ((mask[at] ?? 0) >= certain && (likes[at] ?? 0) >= FEW && (unlikes[at] ?? 0) >= FEW) mixed++;
  }
  return mixed / inside;
}

/** The sum over the square of pixels within `reach` of each pixel, in time that does not depend on the reach. */
function sums(values: Float32Array, reach: number): Float32Array {
  return alongColumns(alongRows(values, reach), reach);
}

function alongRows(values: Float32Array, reach: number): Float32Array {
  const out = new Float32Array(PIXELS);
  for (let row = 0; row < PIXELS; row += MODEL_SIDE) {
    let sum = 0;
    for (let x = -reach; x < MODEL_SIDE; x++) {
      if (x + reach < MODEL_SIDE) sum += values[row + x + reach] ?? 0;
      if (x - reach > 0) sum -= values[row + x - reach - 1] ?? 0;
      if (x >= 0) out[row + x] = sum;
    }
  }
  return out;
}

function alongColumns(values: Float32Array, reach: number): Float32Array {
  const out = new Float32Array(PIXELS);
  const sum = new Float32Array(MODEL_SIDE);
  for (let y = -reach; y < MODEL_SIDE; y++) {
    const [enters, leaves] = [(y + reach) * MODEL_SIDE, (y - reach - 1) * MODEL_SIDE];
    for (let x = 0; x < MODEL_SIDE; x++) {
      const entering = y + reach < MODEL_SIDE ? (values[enters + x] ?? 0) : 0;
      const leaving = leaves >= 0 ? (values[leaves + x] ?? 0) : 0;
      sum[x] = (sum[x] ?? 0) + entering - leaving;
      if (y >= 0) out[y * MODEL_SIDE + x] = sum[x] ?? 0;
    }
  }
  return out;
}
