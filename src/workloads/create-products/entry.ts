import * as z from 'zod';
import { metadataView } from './metadata.ts';
import { shownImage } from './product-view.ts';

/** A product as its tenant reads it. */
export const productEntry = z.object({
  catalogId: z.string(),
  productId: z.string().exactOptional().describe("The shop's own id"),
  metadata: metadataView,
  images: z.array(shownImage),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type ProductEntry = z.output<typeof productEntry>;
