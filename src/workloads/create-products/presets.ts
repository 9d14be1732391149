import type { Look } from './pictures/render.ts';

/** What a marketplace asks of a picture. */
export interface Preset {
  /** Where it says so, and when that was read. */
  source: string;
  read: string;
  look: Partial<Look>;
}

const square = (fill: number) => ({ aspect: '1:1', fill, position: 'center' as const });
const white = { background: '#ffffff', outputFormat: 'jpeg' as const };

/**
 * No preset enlarges a photo: marketplaces want pixels that were seen (Google refuses scaled-up pictures). What stays
 * below `minSize` is flagged instead.
 */
export const presets = {
  /** White, the product on 85% of the frame, 1,600 pixels or more for the zoom; at most 10,000. */
  'amazon-main': {
    source:
      'Amazon Seller Central, Product image requirements (as quoted by several guides; it needs a login)',
    read: '2026-11-28',
    look: { ...white, quality: 90, maxDimension: 2000, canvas: square(0.85), minSize: 1600 },
  },
  /** Square, 2,048 pixels; no zoom below 800. At most 20 megapixels and 20 MB. */
  shopify: {
    source: 'https://shopify.dev/docs/apps/build/online-store/product-media',
    read: '2026-11-28',
    look: { ...white, quality: 88, maxDimension: 2048, canvas: square(0.85), minSize: 800 },
  },
  /** At least 500 pixels on the longer side, 1,600 recommended; no borders, no texts. */
  ebay: {
    source: 'https://www.ebay.com/help/policies/listing-policies/picture-policy?id=4370',
    read: '2026-11-28',
    look: { ...white, quality: 90, maxDimension: 1600, canvas: square(0.9), minSize: 500 },
  },
  /** The product on 75–90% of the frame, 1,500 pixels recommended; 500 needed from 2027-01-31. */
  'google-shopping': {
    source: 'https://support.google.com/merchants/answer/6324350',
    read: '2026-11-28',
    look: { ...white, quality: 90, maxDimension: 1500, canvas: square(0.85), minSize: 500 },
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]];
