/** The shop of the demo: thirteen products, and how each of their photos is taken. */
import { type Drawing, seeded } from './draw.ts';
import { book, bottle, chair, kettle, lamp, mug, plant } from './home.ts';
import type { Scene } from './scenes.ts';
import { bear, duck, robot } from './toys.ts';
import { bag, camera, headphones, shoe, watch } from './wear.ts';

export interface PhotoPlan {
  drawing: Drawing;
  scene: Scene;
  /** Default: JPEG. */
  format?: 'png' | 'webp';
  /** Default: 1600 × 1200. */
  width?: number;
  height?: number;
  size?: number;
  x?: number;
  turn?: number;
  mirrored?: boolean;
  light?: number;
  warmth?: number;
  /** EXIF orientation that the file is stored with. */
  orientation?: 6 | 8;
  /** Enlarged so many times, smoothly: many pixels in few bytes. */
  enlarge?: number;
  /** Only the first half of the file arrives. */
  broken?: boolean;
}

export interface ProductPlan {
  name: string;
  metadata: { title: string; description: string; price: number; category: string };
  photos: PhotoPlan[];
}

const wood: Scene = { kind: 'wood', wall: '#c9c4b8', table: '#8a5f3c' };
const darkWood: Scene = { kind: 'wood', wall: '#5d6f74', table: '#5b3c28' };
const marble: Scene = { kind: 'marble', wall: '#d9dcd9', table: '#d8d8d4' };
const grey: Scene = { kind: 'paper', wall: '#d5d6d8', table: '#000000' };
const sand: Scene = { kind: 'paper', wall: '#dccbb2', table: '#000000' };
const mint: Scene = { kind: 'paper', wall: '#a9cdbf', table: '#000000' };
const night: Scene = { kind: 'paper', wall: '#3b4250', table: '#000000' };
const linen: Scene = { kind: 'linen', wall: '#d9cfbe', table: '#000000' };
const concrete: Scene = { kind: 'concrete', wall: '#a8a8a4', table: '#6f655b' };
const brick: Scene = { kind: 'brick', wall: '#96543f', table: '#9c7650' };
const tiles: Scene = { kind: 'tiles', wall: '#e3e6e2', table: '#8d9696' };
const garden: Scene = { kind: 'garden', wall: '#6f9a4e', table: '#a58a68' };

export const products: readonly ProductPlan[] = [
  {
    name: 'mug',
    metadata: {
      title: 'Stoneware mug, 350 ml',
      description: 'Hand-glazed, dishwasher safe.',
      price: 18.5,
      category: 'Kitchen',
    },
    photos: [
      { drawing: mug('#c8452f', '#f1e4cf'), scene: wood, light: -0.7, warmth: 0.6 },
      { drawing: mug('#2f6f8f', '#e9c46a'), scene: marble, x: 0.44, mirrored: true, light: 0.6 },
      {
        drawing: mug('#3f7d55', '#f4efe2'),
        scene: concrete,
        width: 1200,
        height: 1600,
        orientation: 6,
        light: -0.4,
      },
    ],
  },
  {
    name: 'bottle',
    metadata: {
      title: 'Olive oil, cold pressed, 500 ml',
      description: 'From a single grove.',
      price: 14.9,
      category: 'Food',
    },
    photos: [
      {
        drawing: bottle('#2f5a34', '#efe5cb'),
        scene: tiles,
        width: 1200,
        height: 1600,
        size: 0.86,
        light: -0.6,
      },
      { drawing: bottle('#8c2f39', '#f3ead6'), scene: brick, x: 0.54, light: 0.5, warmth: 0.8 },
      {
        drawing: bottle('#2b4c7e', '#dfe7ee'),
        scene: grey,
        format: 'webp',
        width: 1200,
        height: 1200,
        light: -0.5,
      },
    ],
  },
  {
    name: 'kettle',
    metadata: {
      title: 'Enamel kettle, 1.6 l',
      description: 'For every hob, induction too.',
      price: 59,
      category: 'Kitchen',
    },
    photos: [
      { drawing: kettle('#d9a521', '#2b2622'), scene: tiles, light: -0.6, warmth: 0.3 },
      { drawing: kettle('#a83244', '#3b2a20'), scene: wood, mirrored: true, x: 0.55, light: 0.6 },
    ],
  },
  {
    name: 'lamp',
    metadata: {
      title: 'Table lamp with linen shade',
      description: 'Warm light, brass base.',
      price: 89,
      category: 'Lighting',
    },
    photos: [
      {
        drawing: lamp('#e0a63c', '#9a6b2f'),
        scene: brick,
        width: 1200,
        height: 1500,
        size: 0.84,
        warmth: 0.9,
      },
      { drawing: lamp('#b5544a', '#40444c'), scene: concrete, x: 0.46, light: -0.5, warmth: 0.4 },
    ],
  },
  {
    name: 'chair',
    metadata: {
      title: 'Dining chair, oak and wool',
      description: 'Upholstered seat and back.',
      price: 219,
      category: 'Furniture',
    },
    photos: [
      {
        drawing: chair('#a9743f', '#3f6d7a'),
        scene: grey,
        width: 1200,
        height: 1600,
        size: 0.88,
        light: -0.5,
      },
      {
        drawing: chair('#5f3d26', '#b8552f'),
        scene: grey,
        orientation: 8,
        width: 1200,
        height: 1500,
        size: 0.86,
        mirrored: true,
      },
      {
        drawing: chair('#7a5230', '#b03a2e'),
        scene: mint,
        width: 1500,
        height: 1000,
        enlarge: 6,
        light: 0.4,
      },
    ],
  },
  {
    name: 'plant',
    metadata: {
      title: 'Spider plant in terracotta',
      description: 'Easy to keep; about 40 cm tall.',
      price: 24,
      category: 'Plants',
    },
    photos: [
      { drawing: plant('#b9623c', '#4f8a3d', seeded(11)), scene: marble, light: -0.5, warmth: 0.2 },
      {
        drawing: plant('#e4dfd3', '#2f7a4f', seeded(12)),
        scene: concrete,
        width: 1200,
        height: 1500,
        x: 0.48,
        light: 0.5,
      },
      {
        drawing: plant('#3e5c76', '#7a9a35', seeded(13)),
        scene: linen,
        format: 'png',
        width: 500,
        height: 600,
        light: -0.3,
      },
    ],
  },
  {
    name: 'book',
    metadata: {
      title: 'The Night Sailors',
      description: 'A novel. Hardcover, 384 pages.',
      price: 26,
      category: 'Books',
    },
    photos: [
      { drawing: book('#274472', '#e0b04b'), scene: wood, light: -0.5, warmth: 0.4, size: 0.74 },
      { drawing: book('#7d2e3b', '#ecd9b0'), scene: mint, width: 1200, height: 1200, light: 0.4 },
    ],
  },
  {
    name: 'shoe',
    metadata: {
      title: 'Running shoe, light',
      description: '240 g, breathable mesh.',
      price: 119,
      category: 'Shoes',
    },
    photos: [
      { drawing: shoe('#d5472f', '#23303f'), scene: grey, light: -0.5 },
      { drawing: shoe('#2f6db0', '#f2b632'), scene: concrete, mirrored: true, light: 0.5 },
      { drawing: shoe('#3a3f47', '#5fc2a0'), scene: brick, x: 0.53, turn: -3, warmth: 0.5 },
      { drawing: shoe('#8b4bb0', '#f0e9d8'), scene: garden, broken: true },
    ],
  },
  {
    name: 'bag',
    metadata: {
      title: 'Leather satchel',
      description: 'Vegetable-tanned, brass clasp.',
      price: 249,
      category: 'Bags',
    },
    photos: [
      { drawing: bag('#a4582c', '#d6ab55'), scene: marble, light: -0.6 },
      {
        drawing: bag('#2e4a3f', '#cfa24a'),
        scene: linen,
        width: 1500,
        height: 1200,
        light: 0.5,
        warmth: 0.3,
      },
      { drawing: bag('#8e2f3f', '#d9c08a'), scene: darkWood, x: 0.45, mirrored: true, light: -0.3 },
    ],
  },
  {
    name: 'headphones',
    metadata: {
      title: 'Wireless headphones',
      description: 'Noise cancelling, 40 hours.',
      price: 179,
      category: 'Audio',
    },
    photos: [
      { drawing: headphones('#e8e4da', '#c98a4b'), scene: night, light: -0.4 },
      { drawing: headphones('#b8392f', '#2e3138'), scene: wood, x: 0.52, light: 0.6, warmth: 0.5 },
      { drawing: headphones('#2c5f8a', '#d9dde2'), scene: sand, format: 'webp', width: 1200, height: 1200 },
    ],
  },
  {
    name: 'camera',
    metadata: {
      title: 'Rangefinder camera, used',
      description: 'Serviced, with a 50 mm lens.',
      price: 690,
      category: 'Photo',
    },
    photos: [
      { drawing: camera('#2d2a28', '#b9bcc0'), scene: wood, light: -0.6, warmth: 0.6, size: 0.66 },
      { drawing: camera('#7b3f26', '#cfc7b6'), scene: concrete, turn: -2, light: 0.5, size: 0.68 },
      { drawing: camera('#22303d', '#8e9499'), scene: mint, width: 1400, height: 1050, light: -0.3 },
    ],
  },
  {
    name: 'watch',
    metadata: {
      title: 'Field watch, 38 mm',
      description: 'Automatic, leather strap.',
      price: 320,
      category: 'Watches',
    },
    photos: [
      {
        drawing: watch('#6b4126', '#c9ccd1', '#1f2a3a'),
        scene: linen,
        width: 1200,
        height: 1600,
        orientation: 6,
        size: 0.86,
        turn: 12,
      },
      { drawing: watch('#2f3d33', '#d8b45c', '#f1ead8'), scene: grey, turn: -14, size: 0.84, light: 0.4 },
      {
        drawing: watch('#26282c', '#b9bdc4', '#7a1f2b'),
        scene: sand,
        width: 1200,
        height: 1200,
        turn: 6,
        size: 0.82,
      },
    ],
  },
  {
    name: 'toy',
    metadata: {
      title: 'Nursery friends',
      description: 'Bear, duck and robot; each sold alone.',
      price: 29,
      category: 'Toys',
    },
    photos: [
      { drawing: bear('#a9743f', '#c23b3b', seeded(21)), scene: garden, light: -0.4, warmth: 0.3 },
      { drawing: duck('#f2c21f'), scene: tiles, size: 0.66, light: 0.5 },
      { drawing: robot('#7fb2c4', '#e39a34'), scene: wood, width: 1200, height: 1500, size: 0.8 },
    ],
  },
];
