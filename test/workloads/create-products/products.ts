/** What a shop says about a product in two sizes, each with a picture of its own. */
export const shirt = {
  title: 'Tee, "organic"',
  description: 'Soft & light\nWashable',
  sku: 'TEE',
  vendor: 'Acme',
  type: 'Shirts',
  tags: ['cotton', 'summer'],
  currency: 'EUR',
  price: '19.90',
  compareAtPrice: '24.90',
  barcode: '4006381333931',
  weight: { value: '0.25', unit: 'kg' as const },
  options: [
    { name: 'Size', values: ['S', 'M'] },
    { name: 'Colour', values: ['Red, dark'] },
  ],
  variants: [
    { sku: 'TEE-S', optionValues: { Size: 'S', Colour: 'Red, dark' }, images: [0] },
    { sku: 'TEE-M', price: '21.10', optionValues: { Size: 'M', Colour: 'Red, dark' }, images: [1] },
  ],
  custom: { material: 'cotton', 'details.wash': 40, organic: true },
};

/** Finished pictures of the photos at these positions. */
export const pictures = (folder: string, ...positions: number[]) =>
  positions.map((image) => ({
    image,
    key: `products/${folder}/${image}.webp`,
    width: 10,
    height: 10,
    bytes: 10,
    subjectFound: true,
  }));
