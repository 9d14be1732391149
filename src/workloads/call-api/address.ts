import { SpillwayError } from '../../core/engine/errors.ts';
import { namesOf } from '../../core/json/shape.ts';
import { callErrors } from './call-errors.ts';
import { isPlaceholder, type Part, type Placeholder, parseText, type Row, unusable } from './placeholder.ts';
import { fillText, type Reveal } from './template.ts';

/** Values of the query by name. A list repeats the name. */
export type Query = Readonly<Record<string, string | readonly string[]>>;

/** Where requests go: an origin that no row changes, and the rest, which rows fill in. */
export interface Address {
  /** `https://api.example.com`, or `sandbox://plain`: what the URL begins with, up to its path. */
  origin: string;
  /** All its texts. */
  parts: readonly Part[];
  /**
   * Path and query for a row, relative to the origin: `./users/7?lang=en`. Throws an `ItemError` for a value that is
   * missing, or that would change which path it is.
   */
  pathOf(row: Row, reveal: Reveal): string;
}

const originOf = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\\]+/i;
/** Steps that a URL parser takes back: a value that makes one would lead to another path. */
const dots = /^(\.|%2e){1,2}$/i;

/**
 * Reads a URL, with `path` and `query` added to those that it has. Values are percent-encoded, so that none can leave
 * its segment or its parameter. A parameter whose value is empty is left out. Throws `TEMPLATE_INVALID` or
 * `SECRET_INVALID`.
 */
export function compileAddress(url: string, path?: string, query: Query = {}): Address {
  const origin = originOf.exec(url)?.[0] ?? '';
  if (origin === '' || /\{\{|\$\{/.test(origin))
    throw new SpillwayError(callErrors.TEMPLATE_INVALID, 'Placeholders can stand only after the host');
  const [urlPath, urlQuery] = cut(parseText(url.slice(origin.length)));
  const [addedPath, addedQuery] = cut(parseText(path ?? ''));
  const segments = segmentsOf(urlPath);
  if (addedPath.length > 0) {
    if (segments.length > 1 && segments.at(-1)?.length === 0) segments.pop();
    const added = segmentsOf(addedPath);
    segments.push(...(added[0]?.length === 0 ? added.slice(1) : added));
  }
  const parameters = namesOf(query).flatMap((name) =>
    [query[name] ?? []].flat().map((value) => ({ name: fixed(name), parts: parseText(value).map(fixedIn) })),
  );
  return {
    origin,
    parts: [
      ...urlPath,
      ...addedPath,
      ...urlQuery,
      ...addedQuery,
      ...parameters.flatMap(({ parts }) => parts),
    ],
    pathOf(row, reveal) {
      const hidden: Reveal = (reference) => encodeURIComponent(reveal(reference));
      const steps = segments.map((segment) => fillSegment(segment, row, hidden));
      const written = [urlQuery, addedQuery].map((parts) => fillText(parts, row, hidden, encoded));
      const named = parameters.map(({ name, parts }) => {
        const value = fillText(parts, row, hidden, encoded);
        return value === '' ? '' : `${name}=${value}`;
      });
      const search = [...written, ...named].filter((one) => one !== '').join('&');
      return `./${steps.join('/').replace(/^\//, '')}${search && `?${search}`}`;
    },
  };
}

/** A text of the options' query is one value, whatever characters it has. */
const fixed = (text: string) => encodeURIComponent(text.toWellFormed());
const fixedIn = (part: Part) => (typeof part === 'string' ? fixed(part) : part);

/** Path and query, without what comes after a `#`. Throws `TEMPLATE_INVALID` for a step that could be empty. */
function cut(parts: readonly Part[]): [path: Part[], query: Part[]] {
  const path: Part[] = [];
  const query: Part[] = [];
  let into = path;
  for (const part of parts) {
    if (typeof part !== 'string') {
      if (into === path && isPlaceholder(part) && part.fallback?.trim() === '') {
        const message = `The default of {{${part.column}=}} is empty: a path without that step is another path`;
        throw new SpillwayError(callErrors.TEMPLATE_INVALID, message);
      }
      into.push(part);
      continue;
    }
    const [before = '', ...after] = part.split('#', 2);
    const at = into === path ? before.indexOf('?') : -1;
    if (at >= 0) {
      path.push(before.slice(0, at));
      into = query;
      query.push(before.slice(at + 1));
    } else into.push(before);
    if (after.length > 0) break;
  }
  return [path.filter((part) => part !== ''), query.filter((part) => part !== '')];
}

/** The steps of a path; the first is empty if the path begins with `/`. */
function segmentsOf(path: readonly Part[]): Part[][] {
  const segments: Part[][] = [[]];
  for (const part of path) {
    if (typeof part !== 'string') {
      segments.at(-1)?.push(part);
      continue;
    }
    for (const [at, text] of part.split(/[/\\]/).entries()) {
      if (at > 0) segments.push([]);
      if (text !== '') segments.at(-1)?.push(text);
    }
  }
  return segments;
}

function fillSegment(segment: readonly Part[], row: Row, reveal: Reveal): string {
  const text = fillText(segment, row, reveal, encoded);
  const culprit = dots.test(text) ? segment.find(isPlaceholder) : undefined;
  if (culprit) throw unusable(culprit.column, `would make "${text}" of a step of the path`);
  return text;
}

function encoded(text: string, { column }: Placeholder): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw unusable(column, 'has half of a character, which a URL cannot carry');
  }
}
