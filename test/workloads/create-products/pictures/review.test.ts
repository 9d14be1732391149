import { describe, expect, it } from 'vitest';
import {
  figuresOf,
  type MaskFigures,
  verdictOf,
} from '../../../../src/workloads/create-products/pictures/review.ts';
import { MODEL_SIDE } from '../../../../src/workloads/create-products/pictures/u2net.ts';

const PIXELS = MODEL_SIDE * MODEL_SIDE;
type Place = (x: number, y: number) => number;
const maskOf = (value: Place) =>
  Uint8Array.from({ length: PIXELS }, (_, at) => value(at % MODEL_SIDE, Math.floor(at / MODEL_SIDE)));
const photoOf = (grey: Place) => {
  const rgb = new Uint8Array(PIXELS * 3);
  for (const [at, value] of maskOf(grey).entries()) rgb.fill(value, at * 3, at * 3 + 3);
  return rgb;
};
const within = (x: number, y: number, [left, top, right, bottom]: readonly number[]) =>
  x >= (left ?? 0) && y >= (top ?? 0) && x < (right ?? 0) && y < (bottom ?? 0);
const block = (...box: number[]) => maskOf((x, y) => (within(x, y, box) ? 255 : 0));
const reasonsOf = (mask: Uint8Array, rgb?: Uint8Array) => verdictOf(figuresOf(mask, rgb)).reasons;

const good: MaskFigures = {
  share: 0.2,
  edgeWidth: 1.1,
  undecided: 0.05,
  openwork: 0.05,
  frame: 0,
  second: 0,
};

describe('a mask', () => {
  it('with sharp edges is trusted', () => {
    const { confidence, reasons } = verdictOf(figuresOf(block(100, 80, 220, 240)));
    expect(reasons).toEqual([]);
    expect(confidence).toBeGreaterThan(0.9);
  });

  it('with wide edges is not', () => {
    const soft = maskOf((x, y) => Math.max(0, 255 - 40 * Math.max(0, Math.hypot(x - 160, y - 160) - 60)));
    expect(reasonsOf(soft)).toContain('undecided-edges');
  });

  it('of mere noise shows no subject, though the peak is 255', () => {
    const noise = maskOf((x, y) => (x === 3 && y === 3 ? 255 : 60 + ((x * 7919 + y * 104_729) % 90)));
    expect(reasonsOf(noise)).toEqual(['no-subject']);
  });

  it('of nothing at all shows no subject', () => {
    expect(verdictOf(figuresOf(new Uint8Array(PIXELS)))).toEqual({ confidence: 0, reasons: ['no-subject'] });
  });

  it('of the wall behind is no subject', () => {
    expect(reasonsOf(block(0, 0, 320, 190))).toEqual(['no-subject']);
  });

  it('that reaches the frame says so; in a few pixels it does not', () => {
    expect(reasonsOf(block(0, 80, 120, 240))).toEqual(['touches-frame']);
    expect(
      reasonsOf(
        maskOf((x, y) => (within(x, y, [40, 80, 160, 240]) || (x < 60 && y > 100 && y < 108) ? 255 : 0)),
      ),
    ).toEqual([]);
  });

  it('of a small thing says so', () => {
    expect(reasonsOf(block(150, 150, 175, 175))).toEqual(['too-small']);
  });

  it('of several things says so; crumbs, and parts with a half-seen bridge, are one', () => {
    const [left, right] = [
      [40, 100, 130, 200],
      [190, 100, 280, 200],
    ];
    const two = (bridge: number) =>
      maskOf((x, y) =>
        within(x, y, left ?? []) || within(x, y, right ?? [])
          ? 255
          : within(x, y, [130, 148, 190, 152])
            ? bridge
            : 0,
      );
    expect(reasonsOf(two(0))).toEqual(['several-subjects']);
    expect(reasonsOf(two(90))).toEqual([]);
    const crumb = maskOf((x, y) =>
      within(x, y, left ?? []) || within(x, y, [250, 250, 262, 262]) ? 255 : 0,
    );
    expect(reasonsOf(crumb)).toEqual([]);
  });

  it('that closes the gaps of a lattice is told from one of a solid thing', () => {
    const box = [110, 100, 210, 220];
    const openworkOf = (isThere: (x: number, y: number) => boolean) =>
      figuresOf(
        block(...box),
        photoOf((x, y) => (within(x, y, box) && isThere(x, y) ? 20 : 200)),
      ).openwork;
    expect(openworkOf((x, y) => x % 8 < 3 || y % 8 < 3)).toBeGreaterThan(0.5);
    expect(openworkOf(() => true)).toBeLessThan(0.1);
  });
});

describe('confidence', () => {
  const confidenceOf = (change: Partial<MaskFigures>) => verdictOf({ ...good, ...change }).confidence;

  it('is from 0 to 1, and falls with wider edges and with openwork', () => {
    const edges = [0, 0.5, 1, 2, 4, 5.9].map((edgeWidth) => confidenceOf({ edgeWidth }));
    const works = [0, 0.2, 0.5, 1].map((openwork) => confidenceOf({ openwork }));
    for (const falling of [edges, works]) {
      expect(falling).toEqual(falling.toSorted((one, other) => other - one));
      for (const one of falling) expect(one >= 0 && one <= 1).toBe(true);
    }
  });
});
