import { hex, pick, type Random, whole } from '../physics/chance.ts';
import { adjective, noun } from './words.ts';

/** What is known of a product. Every Amazon API of the sandbox tells of the same one. Money is in cents. */
export interface AmazonProduct {
  asin: string;
  brand: string;
  title: string;
  category: { id: string; name: string; group: string };
  /** Amazon's own price; undefined where Amazon does not sell it. */
  amazonCents: number | undefined;
  newCents: number;
  buyBoxCents: number;
  shippingCents: number;
  listCents: number;
  salesRank: number;
  /** Tenths of a star, 10 to 50. */
  rating: number;
  reviews: number;
  offers: number;
  upc: string;
  model: string;
  color: string;
  imageId: string;
  /** Inches. */
  size: { height: number; length: number; width: number };
  pounds: number;
}

const categories = [
  { id: '1055398', name: 'Home & Kitchen', group: 'kitchen_display_on_website' },
  { id: '172282', name: 'Electronics', group: 'ce_display_on_website' },
  { id: '3375251', name: 'Sports & Outdoors', group: 'sports_display_on_website' },
  { id: '1064954', name: 'Office Products', group: 'office_product_display_on_website' },
  { id: '165793011', name: 'Toys & Games', group: 'toy_display_on_website' },
];

/** Ten characters, as Amazon gives them. */
export function isAsin(text: string): boolean {
  return /^(B[0-9A-Z]{9}|[0-9]{9}[0-9X])$/.test(text);
}

/** Every well-formed ASIN has a product, but for those with `XXXX` in them: B0XXXX0001. */
export function isInCatalog(asin: string): boolean {
  return isAsin(asin) && !asin.includes('XXXX');
}

/** The same ASIN and chance always give the same product. */
export function describeProduct(asin: string, random: Random): AmazonProduct {
  const brand = adjective(random);
  const color = pick(random, ['Black', 'White', 'Blue', 'Green', 'Silver']);
  const newCents = whole(random, 8, 220) * 100 - 1;
  const amazonSells = random() < 0.6;
  const amazonCents = newCents + whole(random, 0, 5) * 100;
  const shippingCents = random() < 0.7 ? 0 : 499;
  return {
    asin,
    brand,
    title: `${brand} ${noun(random)}, ${color}, ${pick(random, ['Pack of 2', 'Large', 'Compact', '2025 Edition'])}`,
    category: pick(random, categories),
    amazonCents: amazonSells ? amazonCents : undefined,
    newCents,
    buyBoxCents: amazonSells ? amazonCents : newCents,
    shippingCents,
    listCents: Math.round(newCents * 1.25),
    // Few products sell well.
    salesRank: Math.max(1, Math.floor(10 ** (1 + random() * 5))),
    rating: whole(random, 28, 49),
    reviews: Math.floor(10 ** (random() * 4)),
    offers: whole(random, 1, 25),
    upc: Array.from({ length: 12 }, () => whole(random, 0, 9)).join(''),
    model: hex(random, 6).toUpperCase(),
    color,
    imageId: hex(random, 10).toUpperCase(),
    size: { height: whole(random, 2, 30), length: whole(random, 2, 30), width: whole(random, 1, 20) },
    pounds: whole(random, 2, 180) / 10,
  };
}
