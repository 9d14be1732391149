import sharp from 'sharp';
import type { Bitmap } from './blend.ts';
import type { Colour } from './colours.ts';
import type { Layout } from './layout.ts';
import type { Box } from './subject.ts';

/** Share of the subject's height, from below, that stands on the ground: a handle or a spout further up does not. */
const FOOT = 0.06;
/** Shares of the width of what stands on the ground: half-axes and blur (standard deviation) of a shadow, and its opacity. */
const wide = { rx: 0.48, ry: 0.028, blur: 0.014, opacity: 0.3 };
const near = { rx: 0.42, ry: 0.014, blur: 0.006, opacity: 0.45 };

/**
 * Lays a cut-out (red, green, blue, opacity) on its canvas, with the shadow that a thing casts where it stands. With a
 * `fill` of .85 the shadow ends before the frame.
 */
export async function withShadow(
  cutOut: Bitmap,
  { canvas, region, at, scaled }: Layout,
  box: Box,
  colour: Colour | undefined,
): Promise<Bitmap> {
  const origin = { x: at.left - region.left, y: at.top - region.top };
  const foot = origin.y + box.bottom * scaled.height;
  const height = (box.bottom - box.top) * scaled.height;
  const [left, right] = standsOn(cutOut, foot - at.top - FOOT * height);
  const width = right - left;
  const middle = at.left + (left + right) / 2;
  const ellipse = ({ rx, ry, blur, opacity }: typeof wide, id: string) =>
    `<filter id="${id}" x="-50%" y="-300%" width="200%" height="700%"><feGaussianBlur stdDeviation="${(blur * width).toFixed(2)}"/></filter>` +
    `<ellipse cx="${middle.toFixed(1)}" cy="${(foot - near.ry * width).toFixed(1)}" rx="${(rx * width).toFixed(1)}" ry="${(ry * width).toFixed(1)}" fill="#000" opacity="${opacity}" filter="url(#${id})"/>`;
  const shadow = `<svg xmlns="http://www.w3.org/2000/svg" width="${canvas.width}" height="${canvas.height}">${ellipse(wide, 'wide')}${ellipse(near, 'near')}</svg>`;
  const [r, g, b] = colour ?? [0, 0, 0];
  const raw = { width: cutOut.width, height: cutOut.height, channels: 4 as const };
  const frame = sharp({
    create: { ...canvas, channels: 4, background: { r, g, b, alpha: colour ? 1 : 0 } },
  }).composite([{ input: Buffer.from(shadow) }, { input: Buffer.from(cutOut.data), raw, ...at }]);
  const { data, info } = await (colour ? frame.removeAlpha() : frame)
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, ...info };
}

/** The columns from and to which something is seen from row `from` on. */
function standsOn({ data, width, height }: Bitmap, from: number): [left: number, right: number] {
  let [left, right] = [width, 0];
  for (let y = Math.max(0, Math.floor(from)); y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((data[(y * width + x) * 4 + 3] ?? 0) < 128) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
    }
  }
  return left < right ? [left, right] : [0, width];
}
