import { readdir, readFile } from 'node:fs/promises';
import sharp from 'sharp';

/** A photo of which is known what belongs to its product. */
export interface Scene {
  name: string;
  /** What is photographed: scenes of one product resemble each other. */
  product: string;
  photo: Buffer;
  width: number;
  height: number;
  /** Exact opacity of the product, one byte for each pixel. */
  opacity: Uint8Array;
  /** How many separate products there are; they are to be told apart from parts of one. */
  products: number;
}

const folder = new URL('../../test/pictures/', import.meta.url);

/** The rendered scenes with their exact masks. */
export async function renderedScenes(): Promise<Scene[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.jpg')).sort();
  return Promise.all(names.map((name) => renderedScene(name.slice(0, -4))));
}

async function renderedScene(name: string): Promise<Scene> {
  const photo = await readFile(new URL(`${name}.jpg`, folder));
  const { data, info } = await sharp(await readFile(new URL(`${name}.alpha.png`, folder)))
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const isEmpty = data.every((value) => value < 128);
  return {
    ...{ name, product: name, photo, opacity: data, products: isEmpty ? 0 : 1 },
    ...{ width: info.width, height: info.height },
  };
}
