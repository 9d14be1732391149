import * as z from 'zod';
import { pictureProblems, productMetadata } from './metadata.ts';

/** One photo: exactly one of an address, the key of an uploaded object, or the bytes themselves. */
export const imageSource = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be an https URL' })
      .max(2048)
      .optional(),
    key: z
      .string()
      .max(1024)
      .regex(
        /^uploads\/(?!.*(^|\/)\.\.?(\/|$))[^/].*$/,
        "must be a key that POST /uploads gave out: 'uploads/…'",
      )
      .optional(),
    base64: z.string().min(1).optional(),
  })
  .refine((image) => [image.url, image.key, image.base64].filter((one) => one !== undefined).length === 1, {
    error: "must have exactly one of 'url', 'key' and 'base64'",
  });

/** One item of the workload. */
export const productGroup = z
  .strictObject({
    productId: z.string().trim().min(1).max(200).optional(),
    images: z.array(imageSource).min(1).max(20),
    metadata: productMetadata,
  })
  .superRefine(({ images, metadata }, context) => {
    for (const { path, message } of pictureProblems(metadata, new Set(images.keys()))) {
      context.addIssue({ code: 'custom', path: ['metadata', ...path], message });
    }
  });

export const createProductsOptions = z.strictObject({
  outputFormat: z.enum(['webp', 'png', 'jpeg', 'avif']).default('webp'),
  /** 1–100, on the encoders' scale. */
  quality: z.int().min(1).max(100).default(82),
  removeBackground: z.boolean().default(true),
  /** Colour behind the cut-out. JPEG cannot be transparent: its default is white. */
  background: z
    .string()
    .regex(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i, "must be a colour such as '#fff' or '#f4f4f5'")
    .optional(),
  /** Longest side of the result in pixels. */
  maxDimension: z.int().min(16).max(4096).default(1600),
});

export type ImageSource = z.infer<typeof imageSource>;
export type ProductGroup = z.infer<typeof productGroup>;
export type CreateProductsOptions = z.infer<typeof createProductsOptions>;
