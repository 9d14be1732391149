import type { Box } from './subject.ts';

/** Where the subject stands in a frame larger than itself. */
export const positions = ['center', 'top', 'bottom', 'left', 'right'] as const;
export type Position = (typeof positions)[number];

/** The frame of a picture: of exactly so many pixels, or of a shape, as large as the photo's pixels allow. */
export interface Canvas {
  width?: number | undefined;
  height?: number | undefined;
  /** Width to height, such as `4:5`. */
  aspect?: string | undefined;
  /** The largest share of width and height that the subject takes. */
  fill: number;
  position: Position;
}

export interface Size {
  width: number;
  height: number;
}

/** Which part of the photo is drawn, how large, and where. Pixels. */
export interface Layout {
  /** The whole photo, were it drawn. */
  scaled: Size;
  /** The part of the scaled photo that is drawn. */
  region: { left: number; top: number } & Size;
  /** The finished picture. */
  canvas: Size;
  /** Where the part lies on it. */
  at: { left: number; top: number };
  /** Pixels of the picture for one of the photo. Above 1 the photo is enlarged. */
  scale: number;
}

export interface Wanted {
  /** Most pixels on the longer side of a picture whose canvas has no size of its own. */
  maxDimension: number;
  canvas?: Canvas | undefined;
  /** Space on each side of the subject: pixels, or a share of its longer side such as `5%`. */
  padding?: number | string | undefined;
}

/** Soft edges reach a little beyond the box of what is visible: as a share of its longer side. */
const SOFT = 0.03;

/**
 * Places a subject in a frame. `box` is just around the subject. `isWhole`: it is a whole photo, which is fitted into
 * the frame without a margin.
 */
export function layOut(
  photo: Size,
  box: Box,
  { maxDimension, canvas, padding }: Wanted,
  isWhole: boolean,
): Layout {
  const subject = {
    width: (box.right - box.left) * photo.width,
    height: (box.bottom - box.top) * photo.height,
  };
  const longer = Math.max(subject.width, subject.height);
  const fill = isWhole ? 1 : (canvas?.fill ?? 1);
  let scale: number;
  let size: Size;
  let position: Position = 'center';
  if (canvas?.width !== undefined && canvas.height !== undefined) {
    size = { width: canvas.width, height: canvas.height };
    scale = Math.min((fill * size.width) / subject.width, (fill * size.height) / subject.height);
    position = canvas.position;
  } else if (canvas) {
    const [across = 1, down = 1] = (canvas.aspect ?? '1:1').split(':').map(Number);
    const height = Math.max(subject.height / fill, (subject.width / fill) * (down / across));
    const width = height * (across / down);
    scale = Math.min(1, maxDimension / Math.max(width, height));
    size = { width: atLeastOne(width * scale), height: atLeastOne(height * scale) };
    position = canvas.position;
  } else {
    const share = typeof padding === 'string' ? Number.parseFloat(padding) / 100 : 0;
    const pixels = typeof padding === 'number' ? padding : 0;
    scale = Math.min(1, (maxDimension - 2 * pixels) / (longer * (1 + 2 * share)));
    const space = pixels + share * longer * scale;
    size = {
      width: atLeastOne(subject.width * scale + 2 * space),
      height: atLeastOne(subject.height * scale + 2 * space),
    };
  }
  const scaled = { width: atLeastOne(photo.width * scale), height: atLeastOne(photo.height * scale) };
  const placed = { width: subject.width * scale, height: subject.height * scale };
  const corner = {
    left: place(size.width, placed.width, fill, position === 'left' ? -1 : position === 'right' ? 1 : 0),
    top: place(size.height, placed.height, fill, position === 'top' ? -1 : position === 'bottom' ? 1 : 0),
  };
  // Where the photo's own corner would lie.
  const origin = {
    x: Math.round(corner.left - box.left * scaled.width),
    y: Math.round(corner.top - box.top * scaled.height),
  };
  const soft = isWhole ? 0 : SOFT * longer * scale;
  const left = Math.max(0, -origin.x, Math.floor(box.left * scaled.width - soft));
  const top = Math.max(0, -origin.y, Math.floor(box.top * scaled.height - soft));
  const right = Math.min(scaled.width, size.width - origin.x, Math.ceil(box.right * scaled.width + soft));
  const bottom = Math.min(
    scaled.height,
    size.height - origin.y,
    Math.ceil(box.bottom * scaled.height + soft),
  );
  return {
    scaled,
    region: { left, top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) },
    canvas: size,
    at: { left: origin.x + left, top: origin.y + top },
    scale,
  };
}

const atLeastOne = (length: number) => Math.max(1, Math.round(length));

/** Start of a length within a frame: at one edge's margin, in the middle, or at the other edge's margin. */
function place(frame: number, length: number, fill: number, side: -1 | 0 | 1): number {
  const margin = (frame * (1 - fill)) / 2;
  if (side === -1) return margin;
  return side === 1 ? frame - margin - length : (frame - length) / 2;
}
