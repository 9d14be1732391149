/** Scenes put together from the rendered and the drawn products: small, cut off, several, none. */
import sharp, { type OverlayOptions } from 'sharp';
import { products as catalog } from '../make-photos/catalog.ts';
import { develop, opacityOf, type Shot } from '../make-photos/develop.ts';
import { type Random, seeded } from '../make-photos/draw.ts';
import { drawScene, type Scene as Place, type SceneKind } from '../make-photos/scenes.ts';
import type { Scene } from './scene.ts';

const kinds: readonly SceneKind[] = [
  ...(['wood', 'marble', 'paper', 'linen', 'concrete', 'brick', 'tiles', 'garden'] as const),
];
const walls = ['#c9c4b8', '#5d6f74', '#d9dcd9', '#dccbb2', '#a9cdbf', '#3b4250', '#96543f', '#6f9a4e'];
const tables = ['#8a5f3c', '#5b3c28', '#d8d8d4', '#6f655b', '#9c7650', '#a58a68'];

const pick = <T>(from: readonly T[], random: Random): T => {
  const one = from[Math.floor(random() * from.length)];
  if (one === undefined) throw new RangeError('nothing to pick from');
  return one;
};

const randomPlace = (random: Random, kind = pick(kinds, random)): Place => ({
  kind,
  wall: pick(walls, random),
  table: pick(tables, random),
});

/** Every photo of the demo's shop with what was drawn as its product, at half its size. */
export async function drawnScenes(): Promise<Scene[]> {
  const scenes: Scene[] = [];
  for (const [group, { name, photos }] of catalog.entries()) {
    for (const [at, plan] of photos.entries()) {
      const { width = 1600, height = 1200, size = 0.76, x = 0.5, turn = 0 } = plan;
      const { mirrored = false, light = -0.2, warmth = 0, drawing } = plan;
      const shot: Shot = {
        ...{ drawing, scene: plan.scene, width: width / 2, height: height / 2, size, x, turn, mirrored },
        ...{ light, warmth, noise: 2.2, seed: group * 100 + at + 1 },
        y: drawing.flat ? 0.5 : 0.5 + size * (Math.min(width, height) / height) * 0.46,
      };
      scenes.push(await shotOf(`${name}-${at + 1}`, name, shot));
    }
  }
  return scenes;
}

async function shotOf(name: string, product: string, shot: Shot): Promise<Scene> {
  const { width, height } = shot;
  const photo = await (await develop(shot)).jpeg({ quality: 85 }).toBuffer();
  return { name, product, photo, width, height, opacity: await opacityOf(shot), products: 1 };
}

/** A drawn product anywhere in any place, small or large, now and then cut off by the frame. */
export async function shuffledScenes(count: number): Promise<Scene[]> {
  const random = seeded(7);
  const scenes: Scene[] = [];
  for (let n = 0; n < count; n++) {
    const { name, photos } = pick(catalog, random);
    const { drawing } = pick(photos, random);
    const [width, height] = random() < 0.5 ? [800, 600] : [600, 800];
    const size = 0.12 + random() * 0.95;
    const shot: Shot = {
      ...{ drawing, scene: randomPlace(random), width, height, size },
      ...{ x: 0.5 + (random() - 0.5) * 0.6, turn: (random() - 0.5) * 20, mirrored: random() < 0.5 },
      ...{ light: random() * 1.6 - 0.8, warmth: random() - 0.3, noise: 2.2, seed: 1000 + n },
      y: drawing.flat ? 0.5 : 0.5 + size * (Math.min(width, height) / height) * 0.46,
    };
    scenes.push(await shotOf(`shuffled-${n}-${name}`, name, shot));
  }
  return scenes;
}

/** Places with nothing in them. */
export async function emptyScenes(count: number): Promise<Scene[]> {
  const random = seeded(8);
  const scenes: Scene[] = [];
  for (let n = 0; n < count; n++) {
    // Without the garden: its blurred lights are things, too.
    const place = randomPlace(random, kinds[n % (kinds.length - 1)]);
    const [width, height] = [800, 600];
    const photo = await sharp(Buffer.from(drawScene(place, width, height, random)))
      .removeAlpha()
      .blur(1.2 + random())
      .jpeg({ quality: 85 })
      .toBuffer();
    const opacity = new Uint8Array(width * height);
    scenes.push({
      name: `empty-${n}-${place.kind}`,
      product: `empty-${place.kind}`,
      photo,
      width,
      height,
      opacity,
      products: 0,
    });
  }
  return scenes;
}

interface Piece {
  product: string;
  /** Red, green, blue, opacity. */
  rgba: Buffer;
  width: number;
  height: number;
}

/** The rendered products without their scenes. */
async function piecesOf(rendered: readonly Scene[]): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for (const { product, photo, opacity, width, height, products } of rendered) {
    if (products === 0) continue;
    const rgb = await sharp(photo).removeAlpha().raw().toBuffer();
    const rgba = Buffer.alloc(width * height * 4);
    for (let at = 0; at < opacity.length; at++) {
      rgba.set(opacity[at] ? [...rgb.subarray(at * 3, at * 3 + 3), opacity[at] ?? 0] : [0, 0, 0, 0], at * 4);
    }
    const whole = sharp(rgba, { raw: { width, height, channels: 4 } });
    const { data, info } = await whole
      .trim({ background: '#00000000', threshold: 1 })
      .png()
      .toBuffer({ resolveWithObject: true });
    pieces.push({ product, rgba: data, width: info.width, height: info.height });
  }
  return pieces;
}

/** Rendered products in other places: one to three of them, of any size, also cut off by the frame. */
export async function pastedScenes(rendered: readonly Scene[], count: number): Promise<Scene[]> {
  const random = seeded(9);
  const pieces = await piecesOf(rendered);
  const table = rendered.find(({ products }) => products === 0);
  const scenes: Scene[] = [];
  for (let n = 0; n < count; n++) {
    const [width, height] = random() < 0.5 ? [800, 600] : [640, 800];
    const place =
      table && random() < 0.3
        ? table.photo
        : await sharp(Buffer.from(drawScene(randomPlace(random), width, height, random)))
            .removeAlpha()
            .blur(1.5)
            .png()
            .toBuffer();
    const many = random() < 0.25 ? 2 + Math.floor(random() * 2) : 1;
    const layers: OverlayOptions[] = [];
    const used: Piece[] = [];
    for (let at = 0; at < many; at++) {
      const piece = pick(pieces, random);
      const share = many === 1 ? 0.1 + random() * 1 : 0.25 + random() * 0.12;
      const scale = (share * Math.min(width, height)) / Math.max(piece.width, piece.height);
      const [w, h] = [
        Math.max(8, Math.round(piece.width * scale)),
        Math.max(8, Math.round(piece.height * scale)),
      ];
      const centre = many === 1 ? 0.5 + (random() - 0.5) * 0.5 : (at + 0.5) / many;
      const left = Math.round(centre * width - w / 2);
      const top = Math.round((0.55 + (random() - 0.5) * (many === 1 ? 0.4 : 0.1)) * height - h / 2);
      const inside = { left: Math.max(0, -left), top: Math.max(0, -top), width: 0, height: 0 };
      inside.width = Math.min(w, width - left) - inside.left;
      inside.height = Math.min(h, height - top) - inside.top;
      if (inside.width < 4 || inside.height < 4) continue;
      const input = await sharp(await sharp(piece.rgba).resize(w, h, { fit: 'fill' }).png().toBuffer())
        .extract(inside)
        .png()
        .toBuffer();
      layers.push({ input, left: Math.max(0, left), top: Math.max(0, top) });
      used.push(piece);
    }
    const photo = await sharp(place)
      .resize(width, height, { fit: 'cover' })
      .composite(layers)
      .jpeg({ quality: 88 })
      .toBuffer();
    const nothing = { create: { width, height, channels: 4 as const, background: '#00000000' } };
    const drawn = await sharp(nothing).composite(layers).png().toBuffer();
    const opacity = await sharp(drawn).extractChannel('alpha').raw().toBuffer();
    const product = used[0]?.product ?? 'none';
    scenes.push({
      name: `pasted-${n}-${used.map((one) => one.product).join('+')}`,
      product,
      photo,
      width,
      height,
      opacity,
      products: used.length,
    });
  }
  return scenes;
}
