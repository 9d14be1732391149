import { pick, type Random } from '../physics/chance.ts';

const adjectives = [
  ...['Arctic', 'Bright', 'Cedar', 'Coastal', 'Crisp', 'Everyday', 'Granite', 'Harbor', 'Indigo', 'Juniper'],
  ...['Lunar', 'Maple', 'Nimble', 'Northern', 'Oak', 'Pine', 'Quiet', 'Rapid', 'Summit', 'Timber'],
];

const nouns = [
  ...['Bottle', 'Lamp', 'Backpack', 'Kettle', 'Mug', 'Chair', 'Speaker', 'Keyboard', 'Jacket', 'Knife Set'],
  ...[
    'Tent',
    'Headset',
    'Desk Mat',
    'Blender',
    'Scale',
    'Notebook',
    'Flashlight',
    'Pan',
    'Pillow',
    'Toolbox',
  ],
];

const industries = [
  ...['logistics software', 'industrial sensors', 'renewable energy', 'medical devices', 'food packaging'],
  ...['payment services', 'recruiting', 'precision machining', 'travel technology', 'data security'],
];

const cities = [
  'Austin',
  'Berlin',
  'Chicago',
  'Denver',
  'Dublin',
  'Lisbon',
  'Malmö',
  'Oslo',
  'Toronto',
  'Zürich',
];

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export const adjective = (random: Random) => pick(random, adjectives);
export const noun = (random: Random) => pick(random, nouns);
export const industry = (random: Random) => pick(random, industries);
export const city = (random: Random) => pick(random, cities);
export const month = (random: Random) => pick(random, months);

/** `Acme & Sons GmbH` → `acme-sons-gmbh`. At least `x`. */
export function slug(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '') || 'x';
}

/** `acme-sons` → `Acme Sons`. */
export function title(text: string): string {
  return text.replace(/[-_]+/g, ' ').replace(/(^|\s)\p{Ll}/gu, (start) => start.toUpperCase());
}
