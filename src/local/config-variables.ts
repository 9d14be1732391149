import { readFileSync } from 'node:fs';
import { dirname, resolve as resolvePath } from 'node:path';
import { parseDocument } from 'yaml';
import { ConfigError } from './config-error.ts';

/** The sources of variables' values. */
export interface VariableSources {
  /** `${env:NAME}`. */
  env: NodeJS.ProcessEnv;
  /** `${opt:name}`: the values that `serverless deploy --name value` would get. */
  options: Record<string, string>;
}

/** A self reference may lead to another; this limit ends cycles. Far above the nesting of any real file. */
const maxDepth = 20;

/**
 * The short YAML forms of the two supported intrinsics. Others stay plain values and are refused where they
 * are read.
 */
const customTags = [
  { tag: '!Ref', resolve: (id: string) => ({ Ref: id }) },
  { tag: '!GetAtt', resolve: (target: string) => ({ 'Fn::GetAtt': target }) },
];

/**
 * serverless.yml as a tree that resolves variables (`${self:…}`, `${env:…}`, `${opt:…}`, `${file(…)}`) only
 * where it is read: sections for deployments only may use forms that have no meaning here.
 */
export class ConfigTree {
  readonly file: string;
  readonly #root: unknown;
  readonly #sources: VariableSources;
  /** The contents of `${file(…)}` references. */
  readonly #files = new Map<string, unknown>();

  constructor(file: string, sources: VariableSources) {
    this.file = file;
    this.#sources = sources;
    this.#root = parseYaml(file);
  }

  /** The value at a path such as `provider.stage`, fully resolved. Undefined if there is none. */
  read(path: string): unknown {
    return this.#resolve(this.#at(path, 0), path, 0);
  }

  /** The names at a path, without resolving their values. */
  keys(path: string): string[] {
    const value = this.#at(path, 0);
    return isRecord(value) ? Object.keys(value) : [];
  }

  /** The value at a path, with its contents unresolved. */
  shallow(path: string): unknown {
    return this.#at(path, 0);
  }

  #at(path: string, depth: number): unknown {
    let value: unknown = this.#root;
    let walked = '';
    for (const step of path.split(/[.[\]]+/).filter((part) => part !== '')) {
      if (Array.isArray(value)) value = value[Number(step)];
      else if (isRecord(value)) value = value[step];
      else return undefined;
      walked = walked === '' ? step : `${walked}.${step}`;
      if (typeof value === 'string') value = this.#resolveText(value, walked, depth);
    }
    return value;
  }

  #resolve(value: unknown, path: string, depth: number): unknown {
    if (typeof value === 'string') {
      const resolved = this.#resolveText(value, path, depth);
      return typeof resolved === 'string' ? resolved : this.#resolve(resolved, path, depth + 1);
    }
    if (Array.isArray(value))
      return value.map((entry, index) => this.#resolve(entry, `${path}[${index}]`, depth));
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [key, this.#resolve(entry, `${path}.${key}`, depth)]),
    );
  }

  /** Replaces variables from the inside out. A text that consists of one variable may become any value. */
  #resolveText(text: string, path: string, depth: number): unknown {
    if (depth > maxDepth) throw new ConfigError(path, `variables refer to each other in a circle: ${text}`);
    let current = text;
    for (;;) {
      const variable = /\$\{([^${}]*)\}/.exec(current);
      if (variable === null) return current;
      const value = this.#variable(variable[1] ?? '', path, depth + 1);
      if (variable[0] === current) return value;
      if (value !== null && typeof value === 'object') {
        throw new ConfigError(path, `${variable[0]} is not a text and cannot stand inside one`);
      }
      current = current.replace(variable[0], () => String(value));
    }
  }

  #variable(expression: string, path: string, depth: number): unknown {
    const [, kind, argument, fallback] =
      /^\s*(?:(self|env|opt):\s*|(?=file\())([^,]*?)\s*(?:,\s*(.*?)\s*)?$/s.exec(expression) ?? [];
    if (argument === undefined) throw new ConfigError(path, `'\${${expression}}' is not a supported form`);
    const value = this.#lookUp(kind ?? 'file', argument, path, depth);
    if (value !== undefined) return value;
    if (fallback === undefined)
      throw new ConfigError(path, `'\${${expression}}' has no value and no default`);
    return literal(fallback);
  }

  #lookUp(kind: string, argument: string, path: string, depth: number): unknown {
    if (kind === 'env') return this.#sources.env[argument];
    if (kind === 'opt') return this.#sources.options[argument];
    if (kind === 'self') return this.#resolve(this.#at(argument, depth), argument, depth);
    const file = /^file\((.*)\)$/.exec(argument)?.[1];
    if (file === undefined) throw new ConfigError(path, `'\${${argument}}' is not a supported form`);
    const included = resolvePath(dirname(this.file), file);
    if (!this.#files.has(included)) this.#files.set(included, parseYaml(included));
    return this.#files.get(included);
  }
}

/** A default: a quoted text, or a bare number, boolean or text. */
function literal(source: string): unknown {
  const quoted = /^(['"])(.*)\1$/s.exec(source);
  if (quoted !== null) return quoted[2];
  if (source === 'true' || source === 'false') return source === 'true';
  return source !== '' && Number.isFinite(Number(source)) ? Number(source) : source;
}

function parseYaml(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(file, `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const document = parseDocument(text, { customTags, merge: true, logLevel: 'error' });
  const [problem] = document.errors;
  if (problem !== undefined) throw new ConfigError(file, problem.message);
  return document.toJS();
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
