/** Small helpers to draw in SVG. All positions are in the 1000 × 1000 box that every product is drawn in. */

/** A product in its box: it stands on `foot`, around which its shadow falls. */
export interface Drawing {
  defs: string;
  body: string;
  foot: { x: number; y: number; rx: number };
  /** It lies on the surface and is seen from above: `foot` is its middle, and it casts its own shape. */
  flat?: boolean;
}

export type Random = () => number;

/** Mulberry32 (Tommy Ettinger, public domain): a small seeded generator, 0 ≤ value < 1. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `#rrggbb` mixed with black (amount −1…0) or white (0…1). */
export function shade(colour: string, amount: number): string {
  const target = amount < 0 ? 0 : 255;
  const parts = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16);
    return Math.round(value + (target - value) * Math.abs(amount));
  });
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function stops(colour: string, tones: readonly (readonly [offset: number, amount: number])[]): string {
  return tones.map(([at, amount]) => `<stop offset="${at}" stop-color="${shade(colour, amount)}"/>`).join('');
}

/** A round body, lit from the left, between x1 and x2. */
export function cylinder(id: string, colour: string, x1: number, x2: number): string {
  const tones = stops(colour, [
    [0, -0.4],
    [0.12, -0.12],
    [0.27, 0.32],
    [0.36, 0.22],
    [0.55, 0],
    [0.85, -0.38],
    [1, -0.52],
  ]);
  return `<linearGradient id="${id}" gradientUnits="userSpaceOnUse" x1="${x1}" y1="0" x2="${x2}" y2="0">${tones}</linearGradient>`;
}

/** A ball, lit from the upper left. */
export function ball(id: string, colour: string): string {
  const tones = stops(colour, [
    [0, 0.42],
    [0.35, 0.1],
    [0.75, -0.22],
    [1, -0.48],
  ]);
  return `<radialGradient id="${id}" cx="0.36" cy="0.28" r="0.8">${tones}</radialGradient>`;
}

/** A surface that gets darker from the top down, by `depth`. */
export function slope(id: string, colour: string, depth = 0.3): string {
  const tones = stops(colour, [
    [0, depth * 0.6],
    [0.5, 0],
    [1, -depth],
  ]);
  return `<linearGradient id="${id}" x1="0.1" y1="0" x2="0.3" y2="1">${tones}</linearGradient>`;
}

export function blur(id: string, deviation: number): string {
  return `<filter id="${id}" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="${deviation}"/></filter>`;
}

/** Grain for a filled shape: cloth, leather, fur. `x` and `y` are the grain's frequencies per pixel. */
export function grain(id: string, x: number, y: number, strength: number, seed: number): string {
  return (
    `<filter id="${id}" x="0" y="0" width="100%" height="100%">` +
    `<feTurbulence type="fractalNoise" baseFrequency="${x} ${y}" numOctaves="3" seed="${seed}" result="noise"/>` +
    `<feColorMatrix in="noise" type="matrix" values="0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  ${strength} 0 0 0 ${-strength * 0.35}"/>` +
    `<feComposite operator="in" in2="SourceGraphic" result="dark"/>` +
    `<feMerge><feMergeNode in="SourceGraphic"/><feMergeNode in="dark"/></feMerge></filter>`
  );
}

export const ellipse = (cx: number, cy: number, rx: number, ry: number, paint: string) =>
  `<ellipse cx="${cx}" cy="${cy}" rx="${rx}" ry="${ry}" ${paint}/>`;

export const path = (d: string, paint: string) => `<path d="${d}" ${paint}/>`;

export const box = (x: number, y: number, width: number, height: number, rx: number, paint: string) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${rx}" ${paint}/>`;

export const fill = (id: string) => `fill="url(#${id})"`;
export const line = (colour: string, width: number, more = '') =>
  `fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round" ${more}`;
