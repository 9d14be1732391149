/** Where products are photographed: a wall and a table, a sweep of paper, a shelf, a garden. */
import { type Random, shade } from './draw.ts';

export type SceneKind = 'wood' | 'marble' | 'paper' | 'linen' | 'concrete' | 'brick' | 'tiles' | 'garden';

export interface Scene {
  kind: SceneKind;
  /** The wall's or the paper's colour. */
  wall: string;
  /** The table's colour. */
  table: string;
}

/** The height of the table's far edge, as a share of the picture's height. */
export const HORIZON = 0.58;

/** A filter that turns any shape into a surface of one colour with a grain. `contrast` 0 is flat. */
function surface(
  id: string,
  colour: string,
  frequency: string,
  octaves: number,
  contrast: number,
  seed: number,
): string {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const row = (value = 0) => `${contrast} 0 0 0 ${(value - contrast / 2).toFixed(3)}`;
  return (
    `<filter id="${id}" x="0" y="0" width="100%" height="100%" color-interpolation-filters="sRGB">` +
    `<feTurbulence type="fractalNoise" baseFrequency="${frequency}" numOctaves="${octaves}" seed="${seed}"/>` +
    `<feColorMatrix type="matrix" values="${row(r)} ${row(g)} ${row(b)} 0 0 0 0 1"/></filter>`
  );
}

/** The empty scene as SVG. */
export function drawScene(
  { kind, wall, table }: Scene,
  width: number,
  height: number,
  random: Random,
): string {
  const horizon = Math.round(height * HORIZON);
  const seed = Math.floor(random() * 1000);
  const full = (paint: string) => `<rect width="${width}" height="${height}" ${paint}/>`;
  const upper = (paint: string) => `<rect width="${width}" height="${horizon}" ${paint}/>`;
  const lower = (paint: string) =>
    `<rect y="${horizon}" width="${width}" height="${height - horizon}" ${paint}/>`;
  const edge = `<rect y="${horizon - 4}" width="${width}" height="10" fill="#000000" opacity="0.22"/>`;
  const plaster = surface('wall', wall, '0.006 0.007', 4, 0.14, seed);
  const parts: Record<SceneKind, () => { defs: string; body: string }> = {
    wood: () => ({
      defs: plaster + surface('table', table, '0.0022 0.05', 5, 0.42, seed + 1),
      body:
        upper('filter="url(#wall)"') + lower('filter="url(#table)"') + planks(width, height, horizon) + edge,
    }),
    marble: () => ({
      defs: plaster + surface('table', table, '0.005 0.012', 6, 0.34, seed + 2),
      body: upper('filter="url(#wall)"') + lower('filter="url(#table)"') + edge,
    }),
    paper: () => ({
      defs: `<linearGradient id="sweep" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${shade(wall, -0.1)}"/><stop offset="0.45" stop-color="${shade(wall, 0.12)}"/><stop offset="0.7" stop-color="${wall}"/><stop offset="1" stop-color="${shade(wall, -0.12)}"/></linearGradient>`,
      body: full('fill="url(#sweep)"'),
    }),
    linen: () => ({
      defs:
        surface('cloth', wall, '0.35 0.02', 3, 0.16, seed) +
        surface('folds', '#808080', '0.003 0.0015', 3, 0.9, seed + 4),
      body: `${full('filter="url(#cloth)"')}<g opacity="0.2">${full('filter="url(#folds)"')}</g>`,
    }),
    concrete: () => ({
      defs:
        surface('wall', wall, '0.02 0.02', 5, 0.22, seed) +
        surface('table', table, '0.002 0.09', 4, 0.26, seed + 5),
      body: upper('filter="url(#wall)"') + lower('filter="url(#table)"') + edge,
    }),
    brick: () => ({
      defs:
        surface('wall', wall, '0.03 0.05', 4, 0.3, seed) +
        surface('table', table, '0.0022 0.06', 5, 0.34, seed + 6),
      body:
        upper('filter="url(#wall)"') +
        bricks(width, horizon, 118, 44, shade(wall, 0.45)) +
        lower('filter="url(#table)"') +
        edge,
    }),
    tiles: () => ({
      defs:
        surface('wall', wall, '0.004 0.004', 3, 0.1, seed) +
        surface('table', table, '0.01 0.02', 5, 0.22, seed + 7),
      body:
        upper('filter="url(#wall)"') +
        bricks(width, horizon, 150, 150, shade(wall, -0.22)) +
        lower('filter="url(#table)"') +
        edge,
    }),
    garden: () => ({
      defs: surface('table', table, '0.003 0.05', 5, 0.36, seed + 8),
      body:
        upper(`fill="${wall}"`) +
        bokeh(width, horizon, wall, random) +
        lower('filter="url(#table)"') +
        planks(width, height, horizon) +
        edge,
    }),
  };
  const { defs, body } = parts[kind]();
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs>${defs}</defs>${body}</svg>`;
}

/** Gaps between boards that meet at a vanishing point above the table. */
function planks(width: number, height: number, horizon: number): string {
  const lines: string[] = [];
  for (let at = -6; at <= 6; at++) {
    const far = width / 2 + at * width * 0.13;
    const near = width / 2 + at * width * 0.34;
    lines.push(`M ${far.toFixed(0)} ${horizon} L ${near.toFixed(0)} ${height}`);
  }
  return `<path d="${lines.join(' ')}" stroke="#1a0f08" stroke-width="3" opacity="0.45" fill="none"/>`;
}

function bricks(width: number, horizon: number, across: number, down: number, mortar: string): string {
  const lines: string[] = [];
  for (let row = 0; row * down < horizon; row++) {
    lines.push(`M 0 ${row * down} H ${width}`);
    const shift = across === down || row % 2 === 0 ? 0 : across / 2;
    for (let x = shift; x < width; x += across)
      lines.push(`M ${x} ${row * down} v ${Math.min(down, horizon - row * down)}`);
  }
  return `<path d="${lines.join(' ')}" stroke="${mortar}" stroke-width="6" opacity="0.7" fill="none"/>`;
}

function bokeh(width: number, horizon: number, colour: string, random: Random): string {
  let spots = '';
  for (let at = 0; at < 46; at++) {
    const radius = 30 + random() * 110;
    const tone = shade(colour, random() * 0.9 - 0.5);
    spots += `<circle cx="${(random() * width).toFixed(0)}" cy="${(random() * horizon).toFixed(0)}" r="${radius.toFixed(0)}" fill="${tone}" opacity="0.5"/>`;
  }
  return spots;
}
