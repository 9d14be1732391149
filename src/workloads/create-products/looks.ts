import * as z from 'zod';
import { colourNames } from './pictures/colours.ts';
import { positions } from './pictures/layout.ts';
import type { Look, PictureOptions } from './pictures/render.ts';
import { presetNames, presets } from './presets.ts';

/** Most pixels of one side of a canvas, and of the whole of it: each takes four bytes while it is made. */
const longestSide = 10_000;
const mostPixels = 25_000_000;
const side = () => z.int().min(16).max(longestSide).optional();

export const canvas = z
  .strictObject({
    width: side().describe('Pixels; with height: a frame of exactly this size'),
    height: side(),
    aspect: z
      .string()
      .regex(/^[1-9]\d{0,2}:[1-9]\d{0,2}$/, "must be width to height, such as '1:1' or '4:5'")
      .optional()
      .describe('Instead of width and height: a frame of this shape, as large as the photo allows'),
    fill: z.number().min(0.1).max(1).default(0.85).describe('Share of the frame that the subject takes'),
    position: z.enum(positions).default('center').describe('Where the subject stands in the frame'),
  })
  .superRefine(({ width, height, aspect }, context) => {
    const say = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const isSized = width !== undefined && height !== undefined;
    if (aspect !== undefined && (width !== undefined || height !== undefined)) {
      say(['aspect'], 'cannot be combined with width and height');
    } else if (aspect === undefined && !isSized) {
      say([], 'must have width and height, or aspect');
    } else if (aspect !== undefined) {
      const [across = 1, down = 1] = aspect.split(':').map(Number);
      if (Math.max(across / down, down / across) > 10) say(['aspect'], 'must be between 1:10 and 10:1');
    } else if (isSized && width * height > mostPixels) {
      say([], `must have at most ${mostPixels / 1e6} megapixels`);
    }
  });

const formats = z.enum(['webp', 'png', 'jpeg', 'avif']);
const quality = z.int().min(1).max(100);
const maxDimension = z.int().min(16).max(4096);

/** How a picture looks: what the main picture and its renditions have in common. */
const look = {
  preset: z.enum(presetNames).optional().describe('What a marketplace asks for; other options change it'),
  quality: quality.optional().describe("1–100, on the encoders' scale. Default: 82, or the preset's"),
  background: z
    .union([z.string().regex(/^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/), z.enum(colourNames)], {
      error: "must be a colour such as '#fff', '#f4f4f5' or 'white'",
    })
    .optional()
    .describe('Colour behind the subject. Default: none; white for JPEG, which cannot be transparent'),
  maxDimension: maxDimension
    .optional()
    .describe("Longest side of the result in pixels. Default: 1600, or the preset's"),
  canvas: canvas.optional().describe('A frame around the subject. Default: the subject with a small margin'),
  padding: z
    .union(
      [
        z.int().min(0).max(1_000),
        z.string().regex(/^([0-9]|[1-4][0-9])(\.\d{1,2})?%$/, "must be pixels, or a share such as '5%'"),
      ],
      { error: "must be pixels from 0 to 1000, or a share from '0%' to '49.99%'" },
    )
    .optional()
    .describe('Instead of a canvas: space on each side of the subject, in pixels or % of its longer side'),
  crop: z.enum(['subject', 'none']).optional().describe('none: the photo keeps its frame. Default: subject'),
  shadow: z
    .enum(['none', 'contact'])
    .optional()
    .describe('contact: the subject casts a shadow where it stands. Default: none'),
  minSize: z
    .int()
    .min(1)
    .max(longestSide)
    .optional()
    .describe('Flag a picture whose longer side the photo cannot fill with so many pixels'),
};

type Shape = { canvas?: unknown; padding?: unknown; maxDimension?: number | undefined };
type Context = { addIssue(issue: { code: 'custom'; path: string[]; message: string }): void };

/** Options that contradict each other. */
function checkLook({ canvas, padding, maxDimension = 1600 }: Shape, context: Context): void {
  const say = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if (padding === undefined) return;
  if (canvas !== undefined) say(['padding'], 'cannot be combined with canvas, which has fill');
  else if (typeof padding === 'number' && 2 * padding >= maxDimension) {
    say(['padding'], 'must leave room for the subject within maxDimension');
  }
}

const rendition = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "must have 1 to 40 lower-case letters, digits and '-'")
      .describe('Also part of its key'),
    format: formats.optional().describe("Default: the main picture's, or the preset's"),
    ...look,
  })
  .superRefine((one, context) => {
    checkLook(one, context);
    const { canvas, maxDimension, preset } = one;
    if (canvas === undefined && maxDimension === undefined && preset === undefined) {
      context.addIssue({ code: 'custom', path: [], message: 'must have maxDimension, canvas or preset' });
    }
  });

/** Most renditions of one photo. */
const maxRenditions = 5;

/** The options that say how pictures look. */
export const lookOptions = {
  outputFormat: formats.optional().describe("Default: webp, or the preset's"),
  ...look,
  renditions: z
    .array(rendition)
    .max(maxRenditions)
    .superRefine((all, context) => {
      const names = all.map(({ name }) => name);
      names.forEach((name, at) => {
        if (names.indexOf(name) === at) return;
        const message = `'${name}' is also the name of another rendition`;
        context.addIssue({ code: 'custom', path: [at, 'name'], message });
      });
    })
    .optional()
    .describe('More pictures of each photo. They have the background, crop and shadow of the main one'),
};

const options = z.object(lookOptions);
type Given = z.output<typeof options>;
type GivenLook = Omit<z.output<typeof rendition>, 'name' | 'format'> & {
  format?: Look['outputFormat'] | undefined;
};

/** The look without a preset. */
const usual = { outputFormat: 'webp', quality: 82, maxDimension: 1600 } as const;

/** What the studio has to make. */
export function picturesOf(
  given: Given & Pick<PictureOptions, 'removeBackground' | 'onDoubt'>,
): Omit<PictureOptions, 'renditions'> & { renditions: (Look & { name: string })[] } {
  const { renditions = [], outputFormat, removeBackground, onDoubt, ...rest } = given;
  const main = lookOf({ ...rest, format: outputFormat }, usual);
  const { background, crop, shadow } = main;
  return {
    ...main,
    removeBackground,
    onDoubt,
    renditions: renditions.map(({ name, ...one }) => {
      const base = {
        ...usual,
        outputFormat: main.outputFormat,
        quality: main.quality,
        background,
        crop,
        shadow,
      };
      return { name, ...lookOf(one, base) };
    }),
  };
}

/** What is given goes before the preset, and that before what is usual. */
function lookOf({ preset, format, ...given }: GivenLook, base: Look): Look {
  const own = { ...given, outputFormat: format };
  const stated = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const { canvas, ...asked } = preset === undefined ? ({} as Partial<Look>) : presets[preset].look;
  // Space around the subject is either a frame's or a padding's.
  return { ...base, ...asked, ...(canvas && given.padding === undefined && { canvas }), ...stated };
}

/** Whether the options contradict each other. */
export function checkLooks(given: Shape, context: Context): void {
  checkLook(given, context);
}
