import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAst } from 'vitest/node';
import { sandboxVariables } from '../src/core/http/accounts.ts';
import { workloadsToLookAt } from '../src/workloads/describe.ts';
import { upstreamsOf, variablesOf } from '../src/workloads/variables.ts';

const root = resolve(import.meta.dirname, '..');

/** From the top down: a room imports only from rooms on the floors below its own. */
const floors = [
  ['handlers'],
  ['src/cli', 'src/dashboard', 'src/local/demo'],
  ['src/client'],
  ['src/service.ts'],
  ['src/local'],
  ['src/simulate'],
  ['src/settings.ts'],
  ['src/aws', 'src/memory'],
  ['src/workloads'],
  ['src/stand-ins'],
  ['src/core/jobs'],
  ['src/core/forecast'],
  ['src/core/formats', 'src/core/http'],
  ['src/core/limits'],
  ['src/core/engine', 'src/core/json'],
];

interface Ignorance {
  /** Folders or files whose imports are looked at. */
  rooms: string[];
  /** What they must not import although it lies below them, */
  nothingOf: string[];
  /** but for this. */
  except?: string[];
  /** Types are no harm. */
  valuesOnly?: boolean;
}

/** Every room may know what a workload is: it is the one seam. */
const seam = 'src/core/jobs/workload.ts';
const basics = ['src/core/engine/errors.ts', 'src/core/engine/clock.ts', 'src/core/json'];
/** What requests are checked with and answers are made of: clients have its types, although it lies with the handlers. */
const contract = ['requests', 'answers', 'products'].map((name) => `handlers/edge/${name}.ts`);
/** The contract of `POST /create-products`, a workload's own route. */
const routeOfItsOwn = 'handlers/edge/products.ts';
const ignorant: Ignorance[] = [
  { rooms: ['src/cli', 'src/dashboard', 'src/local/demo'], nothingOf: ['src/aws'] },
  { rooms: ['src/cli', 'src/dashboard', 'src/local/demo'], nothingOf: ['src/core/jobs'], except: [seam] },
  { rooms: ['src/client'], nothingOf: ['src'], except: basics, valuesOnly: true },
  {
    rooms: ['src/client'],
    nothingOf: ['src/service.ts', 'src/local', 'src/aws', 'src/memory', 'src/workloads'],
  },
  { rooms: ['src/aws', 'src/memory'], nothingOf: ['src/workloads'] },
  { rooms: ['src/stand-ins'], nothingOf: ['src/core/jobs'] },
  {
    rooms: ['src/workloads'],
    nothingOf: ['src/core/jobs'],
    // What a catalog, a store and an outcome are, how a store fails, and the ranges of limits.
    except: [
      seam,
      'src/core/jobs/catalog.ts',
      ...['ports.ts', 'port-errors.ts', 'job.ts', 'workload-limits.ts'].map(
        (name) => `src/core/jobs/model/${name}`,
      ),
    ],
  },
];

/** Packages that only some rooms may import. */
const packages: { packages: RegExp; rooms: string[] }[] = [
  { packages: /^@aws-sdk\//, rooms: ['src/aws', 'src/local'] },
  { packages: /^(hono|@hono\/.*|fauxqs|dynalite)$/, rooms: ['src/local', 'src/stand-ins'] },
];

/** What one workload gives to others that are configurations of it. */
const toBuildUpon = ['src/workloads/call-api/calling.ts'];
/** The list of workloads, and what shows some of them off. */
const registryFile = 'src/workloads/registry.ts';
const showsWorkloads = ['src/local/demo'];
interface Arrow {
  from: string;
  /** A file of the repository, or a package. */
  to: string;
  ofTypes: boolean;
}

const lies = (path: string, places: readonly string[]) =>
  places.some((place) => path === place || path.startsWith(`${place}/`));

const places = floors.flat().sort((a, b) => b.length - a.length);
const roomOf = (path: string) => places.find((place) => lies(path, [place]));
const floorOf = (room: string) => floors.findIndex((floor) => floor.includes(room));

function sources(): string[] {
  const below = (folder: string) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      posix.join(folder, name.replaceAll('\\', '/')),
    );
  return ['handlers', 'src'].flatMap(below).filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'));
}

/** Calls back with each node of a file's syntax tree. */
function eachNode(file: string, visit: (node: object) => void): void {
  const look = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    visit(node);
    for (const child of Object.values(node)) look(child);
  };
  look(parseAst(readFileSync(join(root, file), 'utf8'), { lang: file.endsWith('x') ? 'tsx' : 'ts' }));
}

/** Texts that a file has as literals, and names in it that could be variables of the environment. */
function textsOf(file: string): string[] {
  const texts: string[] = [];
  eachNode(file, (node) => {
    if ('value' in node && typeof node.value === 'string') texts.push(node.value);
    else if ('name' in node && typeof node.name === 'string' && /^[A-Z0-9_]+$/.test(node.name))
      texts.push(node.name);
  });
  return texts;
}

function arrowsOf(from: string): Arrow[] {
  const arrows: Arrow[] = [];
  eachNode(from, (node) => {
    const { source, importKind, exportKind } = node as Record<string, unknown>;
    const name =
      typeof source === 'object' && source !== null && 'value' in source ? source.value : undefined;
    if (typeof name === 'string') {
      const to = name.startsWith('.') ? posix.join(posix.dirname(from), name) : name;
      arrows.push({ from, to, ofTypes: importKind === 'type' || exportKind === 'type' });
    }
  });
  return arrows;
}

const files = sources();
const arrows = files.flatMap(arrowsOf);
const told = (wrong: readonly Arrow[]) => wrong.map(({ from, to }) => `${from} → ${to}`);

describe('the rooms', () => {
  it('hold every file', () => {
    expect(arrows.length).toBeGreaterThan(1_000);
    expect(files.filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  it('know only what lies below them', () => {
    const wrong = arrows.filter(({ from, to, ofTypes }) => {
      const [here, there] = [roomOf(from), roomOf(to)];
      if (here === 'src/client' && ofTypes && lies(to, contract)) return false;
      if (here === undefined || there === undefined || here === there) return false;
      return floorOf(there) <= floorOf(here);
    });
    expect(told(wrong)).toEqual([]);
  });

  it.each(ignorant)('$rooms know nothing of $nothingOf', ({ rooms, nothingOf, except = [], valuesOnly }) => {
    const wrong = arrows.filter(
      ({ from, to, ofTypes }) =>
        lies(from, rooms) &&
        lies(to, nothingOf) &&
        !lies(to, [...rooms, ...except]) &&
        !(valuesOnly && ofTypes),
    );
    expect(told(wrong)).toEqual([]);
  });

  it('know nothing of a workload’s insides, nor does another workload', () => {
    const workloadOf = (path: string) => /^src\/workloads\/[^/]+\//.exec(path)?.[0];
    const mayKnow = [registryFile, ...showsWorkloads];
    const wrong = arrows.filter(({ from, to, ofTypes }) => {
      const inside = workloadOf(to);
      if (inside === undefined || from.startsWith(inside) || lies(from, mayKnow)) return false;
      if (workloadOf(from) !== undefined && lies(to, toBuildUpon)) return false;
      return !(from === routeOfItsOwn && ofTypes);
    });
    expect(told(wrong)).toEqual([]);
  });

  it('call no workload and none of its APIs or variables by name', () => {
    const workloads = workloadsToLookAt();
    const names = new Set([
      ...workloads.map(({ name }) => name),
      ...upstreamsOf(workloads).map(({ name }) => name),
      ...Object.keys(variablesOf(workloads)).filter((name) => !(name in sandboxVariables)),
    ]);
    const mayName = ['src/workloads', 'src/stand-ins', ...showsWorkloads, routeOfItsOwn];
    const found = files
      .filter((file) => !lies(file, mayName))
      .flatMap((file) => textsOf(file).flatMap((text) => (names.has(text) ? [`${file}: ${text}`] : [])));
    expect(found).toEqual([]);
    expect(textsOf(routeOfItsOwn)).toContain('create-products');
  });

  it.each(packages)('leave $packages to $rooms', ({ packages, rooms }) => {
    expect(told(arrows.filter(({ from, to }) => packages.test(to) && !lies(from, rooms)))).toEqual([]);
  });
});
