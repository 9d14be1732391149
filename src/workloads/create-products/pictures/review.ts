import { openworkOf } from './openwork.ts';
import { MODEL_SIDE } from './u2net.ts';

/** Why somebody should look at a picture before a shop shows it. */
export const reviewReasons = [
  'undecided-edges',
  'no-subject',
  'touches-frame',
  'too-small',
  'several-subjects',
] as const;
export type ReviewReason = (typeof reviewReasons)[number];

/** How far a mask can be trusted. */
export interface Verdict {
  /** Estimated probability that the mask is right: that it and the product overlap by nine tenths or more. 0 to 1. */
  confidence: number;
  /** Empty if nobody need look. */
  reasons: ReviewReason[];
}

/** Values of a mask, 0–255: up to the first a pixel is all background, from the second on it is all subject. */
export const NOTHING = 50;
export const CERTAIN = 215;
/** From here on a pixel is more likely subject than not. */
const HALF = 128;
const PIXELS = MODEL_SIDE * MODEL_SIDE;

/** A mask in figures. All of them are about the model's square, whatever the photo's shape. */
export interface MaskFigures {
  /** Share of the square that the subject covers. */
  share: number;
  /** Undecided pixels for each pixel of the subject's edge: how wide the edge is. */
  edgeWidth: number;
  /** Undecided pixels for each pixel of the subject. */
  undecided: number;
  /** Share of the subject between whose parts the background shows, as in a basket or a chair's back. */
  openwork: number;
  /** Share of the frame's own pixels that belong to the subject. */
  frame: number;
  /** The second largest part that stands apart, in proportion to the largest. */
  second: number;
}

/**
 * `mask` and `rgb` have one and three bytes for each pixel of the square. Takes a few milliseconds. Without `rgb`
 * openwork is not looked for.
 */
export function figuresOf(mask: Uint8Array, rgb?: Uint8Array): MaskFigures {
  let subject = 0;
  let edge = 0;
  let undecided = 0;
  let frame = 0;
  for (let at = 0; at < PIXELS; at++) {
    const value = mask[at] ?? 0;
    if (value > NOTHING && value < CERTAIN) undecided++;
    if (value < HALF) continue;
    subject++;
    const x = at % MODEL_SIDE;
    const y = (at - x) / MODEL_SIDE;
    const isInside = x > 0 && y > 0 && x < MODEL_SIDE - 1 && y < MODEL_SIDE - 1;
    if (!isInside) frame++;
    if (
      (x > 0 && isOutside(mask[at - 1])) ||
      (x < MODEL_SIDE - 1 && isOutside(mask[at + 1])) ||
      (y > 0 && isOutside(mask[at - MODEL_SIDE])) ||
      (y < MODEL_SIDE - 1 && isOutside(mask[at + MODEL_SIDE]))
    ) {
      edge++;
    }
  }
  return {
    share: subject / PIXELS,
    edgeWidth: undecided / Math.max(1, edge),
    undecided: undecided / Math.max(1, subject),
    openwork: rgb === undefined ? 0 : openworkOf(mask, rgb, { nothing: NOTHING, certain: CERTAIN }),
    frame: frame / (4 * (MODEL_SIDE - 1)),
    second: secondPart(mask),
  };
}

const isOutside = (value = 0) => value < HALF;

/**
 * Measured on the 217 scenes of `npm run pictures -- --calibrate`. A mask that only stretched noise made has as many
 * undecided pixels as others, or edges several times as wide; one that took the wall for the product runs along half
 * of the frame.
 */
const none = { share: 0.002, undecided: 1, edgeWidth: 6, frame: 0.5 } as const;
/** A product may reach the frame in a few pixels without being cut off. */
const cutOff = 0.01;
/** Of fewer pixels the model has seen too little. */
const small = 0.01;
/** A second part this large is no crumb of the first. */
const severalFrom = 0.2;
/** Logistic regression of "the mask is wrong" on the two figures. */
const model = { constant: -5, edgeWidth: 3, openwork: 10 } as const;
/** Below this confidence somebody should look: a wrong picture in a shop costs more than a look. */
export const leastConfidence = 0.65;

/** Judges a mask by its figures. */
export function verdictOf(figures: MaskFigures): Verdict {
  const { share, edgeWidth, undecided, openwork, frame, second } = figures;
  if (
    share < none.share ||
    undecided >= none.undecided ||
    edgeWidth >= none.edgeWidth ||
    frame >= none.frame
  ) {
    return { confidence: 0, reasons: ['no-subject'] };
  }
  const odds = model.constant + model.edgeWidth * Math.log(edgeWidth + 0.1) + model.openwork * openwork;
  const confidence = Math.round(1000 / (1 + Math.exp(odds))) / 1000;
  const reasons: ReviewReason[] = [];
  if (confidence < leastConfidence) reasons.push('undecided-edges');
  if (frame >= cutOff) reasons.push('touches-frame');
  if (share < small) reasons.push('too-small');
  if (second >= severalFrom) reasons.push('several-subjects');
  return { confidence, reasons };
}

/** The verdict with one more reason. */
export function withReason({ confidence, reasons }: Verdict, reason: ReviewReason): Verdict {
  return { confidence, reasons: [...new Set([...reasons, reason])] };
}

/** Parts are joined where they are not surely apart: a thin bridge is often only half seen. */
function secondPart(mask: Uint8Array): number {
  const seen = new Uint8Array(PIXELS);
  const stack = new Int32Array(PIXELS);
  let first = 0;
  let second = 0;
  for (let start = 0; start < PIXELS; start++) {
    if (seen[start] || (mask[start] ?? 0) < HALF) continue;
    let size = 0;
    let depth = 1;
    stack[0] = start;
    seen[start] = 1;
    const visit = (at: number) => {
      if (seen[at] || (mask[at] ?? 0) <= NOTHING) return;
      seen[at] = 1;
      stack[depth++] = at;
    };
    while (depth > 0) {
      const at = stack[--depth] ?? 0;
      if ((mask[at] ?? 0) >= HALF) size++;
      const x = at % MODEL_SIDE;
      if (x > 0) visit(at - 1);
      if (x < MODEL_SIDE - 1) visit(at + 1);
      if (at >= MODEL_SIDE) visit(at - MODEL_SIDE);
      if (at < PIXELS - MODEL_SIDE) visit(at + MODEL_SIDE);
    }
    second = Math.max(second, Math.min(first, size));
    first = Math.max(first, size);
  }
  return first === 0 ? 0 : second / first;
}
