/** From drawings to a photograph: depth of field, shadow, light, grain. */
import sharp, { type Sharp } from 'sharp';
import { type Drawing, type Random, seeded } from './draw.ts';
import { drawScene, type Scene } from './scenes.ts';

export interface Shot {
  drawing: Drawing;
  scene: Scene;
  /** Pixels of the upright photo. */
  width: number;
  height: number;
  /** The product's size as a share of the photo's shorter side. */
  size: number;
  /** Where the product stands: the foot's place, as shares of width and height. */
  x: number;
  y: number;
  /** Degrees clockwise. */
  turn: number;
  mirrored: boolean;
  /** Light from the left (−1) to the right (1). */
  light: number;
  /** Warm (1) to cool (−1). */
  warmth: number;
  /** Film grain: standard deviation of 0–255. */
  noise: number;
  seed: number;
}

/** Raw pixels of red, green and blue. */
export async function develop(shot: Shot): Promise<Sharp> {
  const { width, height } = shot;
  const random = seeded(shot.seed);
  const scene = await sharp(Buffer.from(drawScene(shot.scene, width, height, random)))
    .removeAlpha()
    .blur(1.2 + width / 900)
    .toBuffer();
  const pixels = await sharp(scene)
    .composite([
      ...(shot.drawing.flat ? [] : [{ input: Buffer.from(shadowOf(shot)) }]),
      { input: Buffer.from(productOf(shot)) },
      { input: Buffer.from(lightOf(shot)) },
    ])
    .removeAlpha()
    .raw()
    .toBuffer();
  if (shot.noise > 0) addGrain(pixels, shot.noise, random);
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** The product alone, without its shadow: one byte of opacity for each pixel of the photo. */
export async function opacityOf(shot: Shot): Promise<Buffer> {
  const drawing = { ...shot.drawing, flat: false };
  return sharp(Buffer.from(productOf({ ...shot, drawing })))
    .extractChannel('alpha')
    .raw()
    .toBuffer();
}

function frame({ width, height }: Shot, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content}</svg>`;
}

function place({ width, height, drawing, size, x, y, turn, mirrored }: Shot): string {
  const scale = (Math.min(width, height) * size) / 1000;
  const { foot } = drawing;
  return `translate(${x * width} ${y * height}) rotate(${turn}) scale(${mirrored ? -scale : scale} ${scale}) translate(${-foot.x} ${-foot.y})`;
}

function productOf(shot: Shot): string {
  const { defs, body, flat } = shot.drawing;
  const cast = `<filter id="cast" x="-50%" y="-50%" width="200%" height="200%"><feDropShadow dx="${-20 * shot.light}" dy="16" stdDeviation="14" flood-opacity="0.45"/></filter>`;
  return frame(
    shot,
    `<defs>${defs}${flat ? cast : ''}</defs><g ${flat ? 'filter="url(#cast)"' : ''}><g transform="${place(shot)}">${body}</g></g>`,
  );
}

/** A standing product's: a dark contact and a wide soft shadow away from the light. */
function shadowOf(shot: Shot): string {
  const { width, height, size, x, y, light, drawing } = shot;
  const scale = (Math.min(width, height) * size) / 1000;
  const rx = drawing.foot.rx * scale;
  const [cx, cy] = [x * width, y * height];
  const blurred = (id: string, deviation: number) =>
    `<filter id="${id}" x="-100%" y="-200%" width="300%" height="500%"><feGaussianBlur stdDeviation="${deviation.toFixed(1)}"/></filter>`;
  return frame(
    shot,
    `<defs>${blurred('wide', rx * 0.16)}${blurred('near', rx * 0.05)}</defs>` +
      `<ellipse cx="${cx - light * rx * 0.5}" cy="${cy + rx * 0.08}" rx="${rx * 1.25}" ry="${rx * 0.24}" fill="#000000" opacity="0.34" filter="url(#wide)"/>` +
      `<ellipse cx="${cx - light * rx * 0.1}" cy="${cy + rx * 0.05}" rx="${rx * 1.03}" ry="${rx * 0.13}" fill="#000000" opacity="0.5" filter="url(#near)"/>`,
  );
}

/** A pool of light from one side, a vignette, and the light's colour. */
function lightOf(shot: Shot): string {
  const { light, warmth } = shot;
  const tint = warmth >= 0 ? '#ff9a3c' : '#4a86ff';
  return frame(
    shot,
    '<defs>' +
      `<radialGradient id="pool" cx="${0.5 + light * 0.38}" cy="0.22" r="0.9"><stop offset="0" stop-color="#ffffff" stop-opacity="0.24"/><stop offset="0.6" stop-color="#ffffff" stop-opacity="0"/></radialGradient>` +
      `<radialGradient id="vignette" cx="0.5" cy="0.5" r="0.78"><stop offset="0.55" stop-color="#000000" stop-opacity="0"/><stop offset="1" stop-color="#000000" stop-opacity="0.34"/></radialGradient>` +
      '</defs>' +
      `<rect width="100%" height="100%" fill="${tint}" opacity="${(Math.abs(warmth) * 0.09).toFixed(3)}"/>` +
      '<rect width="100%" height="100%" fill="url(#pool)"/><rect width="100%" height="100%" fill="url(#vignette)"/>',
  );
}

/** The same grain in all three colours: a sum of three uniform values is close enough to a normal one. */
function addGrain(pixels: Buffer, deviation: number, random: Random): void {
  for (let at = 0; at < pixels.length; at += 3) {
    const offset = (random() + random() + random() - 1.5) * 2 * deviation;
    for (let channel = at; channel < at + 3; channel++) {
      pixels[channel] = Math.max(0, Math.min(255, Math.round((pixels[channel] ?? 0) + offset)));
    }
  }
}
