/**
 * The arithmetic around U²-Net (Qin et al., "U²-Net: Going Deeper with Nested U-Structure for Salient Object
 * Detection", 2020), as the authors' `u2net_test.py` and rembg's `sessions/base.py` do it.
 */

/** Pixels of each side of the model's input and output. */
export const MODEL_SIDE = 320;
const PIXELS = MODEL_SIDE * MODEL_SIDE;

/** Mean and standard deviation of ImageNet's red, green and blue, which the model was trained on. */
const MEAN = [0.485, 0.456, 0.406] as const;
const DEVIATION = [0.229, 0.224, 0.225] as const;

/**
 * How likely each pixel belongs to the subject: one byte per pixel, rows from the top; stretched so that the least
 * likely is 0 and the most likely 255.
 */
export type SubjectMask = Uint8Array;

/** 320 × 320 pixels of red, green, blue → three planes, each value over the brightest, then normalised. */
export function toTensor(rgb: Uint8Array): Float32Array {
  let brightest = 1e-6;
  for (const value of rgb) if (value > brightest) brightest = value;
  const planes = new Float32Array(3 * PIXELS);
  for (let channel = 0; channel < 3; channel++) {
    const deviation = DEVIATION[channel] ?? 1;
    const scale = 1 / (brightest * deviation);
    const shift = (MEAN[channel] ?? 0) / deviation;
    for (let to = channel * PIXELS, from = channel; from < 3 * PIXELS; to++, from += 3) {
      planes[to] = (rgb[from] ?? 0) * scale - shift;
    }
  }
  return planes;
}

/** The model's first output (d0, the fused map) → a mask. */
export function toMask(probabilities: Float32Array): SubjectMask {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const value of probabilities) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const scale = 255 / Math.max(most - least, 1e-6);
  const pixels = new Uint8Array(probabilities.length);
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = Math.round(((probabilities[at] ?? 0) - least) * scale);
  }
  return pixels;
}
