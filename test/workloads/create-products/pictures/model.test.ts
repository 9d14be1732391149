import { describe, expect, it } from 'vitest';
import type { SubjectFinder } from '../../../../src/workloads/create-products/pictures/background.ts';
import { inspectPhoto } from '../../../../src/workloads/create-products/pictures/inspect.ts';
import { boxOf, findSubject, opacityOf } from '../../../../src/workloads/create-products/pictures/subject.ts';
import { MODEL_SIDE, toMask, toTensor } from '../../../../src/workloads/create-products/pictures/u2net.ts';
import { quarters } from './fixtures.ts';

const PIXELS = MODEL_SIDE * MODEL_SIDE;

describe('the model’s input', () => {
  it('is in planes, over the brightest value, and normalised as ImageNet', () => {
    const rgb = new Uint8Array(3 * PIXELS);
    rgb.set([200, 100, 50], 0);
    const tensor = toTensor(rgb);
    expect(tensor).toHaveLength(3 * PIXELS);
    expect(tensor[0]).toBeCloseTo((1 - 0.485) / 0.229, 5);
    expect(tensor[PIXELS]).toBeCloseTo((0.5 - 0.456) / 0.224, 5);
    expect(tensor[2 * PIXELS]).toBeCloseTo((0.25 - 0.406) / 0.225, 5);
    expect(tensor[1]).toBeCloseTo(-0.485 / 0.229, 5);
  });

  it('of a black picture is no division by zero', () => {
    expect(toTensor(new Uint8Array(3 * PIXELS)).every(Number.isFinite)).toBe(true);
  });
});

describe('the model’s output', () => {
  it('is stretched from the least likely to the most likely', () => {
    expect(toMask(Float32Array.of(0.1, 0.5, 0.9))).toEqual(Uint8Array.of(0, 128, 255));
  });

  it('that is the same everywhere shows no subject', () => {
    expect(toMask(Float32Array.of(0.2, 0.2))).toEqual(Uint8Array.of(0, 0));
  });

  it('becomes certain at both ends', () => {
    const opacity = opacityOf(Uint8Array.of(0, 30, 128, 230, 255));
    expect([opacity[0], opacity[1], opacity[3], opacity[4]]).toEqual([0, 0, 255, 255]);
    expect(opacity[2]).toBeGreaterThan(90);
    expect(opacity[2]).toBeLessThan(165);
  });
});

describe('the box around a subject', () => {
  const block = (left: number, top: number, right: number, bottom: number) => {
    const opacity = new Uint8Array(PIXELS);
    for (let y = top; y < bottom; y++) opacity.fill(255, y * MODEL_SIDE + left, y * MODEL_SIDE + right);
    return opacity;
  };

  it('holds all of it and a margin of 3 % of its longer side', () => {
    expect(boxOf(block(80, 100, 180, 140))).toEqual({
      left: 77 / 320,
      top: 97 / 320,
      right: 183 / 320,
      bottom: 143 / 320,
    });
  });

  it('ends at the photo’s edges', () => {
    expect(boxOf(block(0, 0, 320, 320))).toEqual({ left: 0, top: 0, right: 1, bottom: 1 });
  });

  it('of a single pixel in the last corner is there', () => {
    expect(boxOf(block(319, 319, 320, 320))?.right).toBe(1);
  });

  it('of nothing is none', () => {
    expect(boxOf(new Uint8Array(PIXELS).fill(20))).toBeUndefined();
  });
});

describe('a subject', () => {
  const find = async (pixels: Uint8Array) => {
    const finder: SubjectFinder = {
      find: async () => pixels,
      warmUp: async () => {},
      close: async () => {},
    };
    const photo = await inspectPhoto(await quarters(64, 64).png().toBuffer());
    return findSubject(photo, finder, new AbortController().signal);
  };

  it('is found where the model is sure of enough pixels', async () => {
    const { subject } = await find(new Uint8Array(PIXELS).fill(255, 0, 400));
    expect(subject).toMatchObject({ box: { left: 0, top: 0, right: 1 } });
  });

  it('is not found where the model is unsure of all', async () => {
    const unsure = new Uint8Array(PIXELS).fill(140, 0, 40_000);
    unsure[0] = 255;
    expect(await find(unsure)).toEqual({ verdict: { confidence: 0, reasons: ['no-subject'] } });
  });

  it('is not found in a few specks', async () => {
    expect(await find(new Uint8Array(PIXELS).fill(255, 0, 100))).not.toHaveProperty('subject');
  });
});
