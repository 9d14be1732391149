import type { Environment } from '../../core/engine/environment.ts';
import { ItemError, SpillwayError } from '../../core/engine/errors.ts';
import { callErrors } from './call-errors.ts';

/** Looks up a tenant's secret by name, in the worker. Undefined if it does not exist. */
export type Secrets = (tenant: string, name: string) => string | undefined;

/** `${ENV:NAME}` in a template's text. */
export interface SecretReference {
  secret: string;
}

const reference = /\$\{ENV:([^}]*)\}/g;
const named = /^[A-Z][A-Z0-9_]{0,99}$/;

/** Splits a text at its references to secrets. Throws `SECRET_INVALID` for one that cannot be looked up. */
export function splitReferences(text: string): (string | SecretReference)[] {
  const parts: (string | SecretReference)[] = [];
  let end = 0;
  for (const found of text.matchAll(reference)) {
    const [whole, secret = ''] = found;
    if (!named.test(secret)) {
      throw new SpillwayError(
        callErrors.SECRET_INVALID,
        `\${ENV:${secret}}: the name may have only A–Z, 0–9 and _`,
      );
    }
    if (found.index > end) parts.push(text.slice(end, found.index));
    parts.push({ secret });
    end = found.index + whole.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

/**
 * A tenant's secret. If it is not set, throws an `ItemError` that stops the job: every other item would fail the same
 * way.
 */
export function resolveSecret({ secret }: SecretReference, tenant: string, secrets: Secrets): string {
  const value = secrets(tenant, secret);
  if (value !== undefined && value !== '') return value;
  const message = `\${ENV:${secret}} is not set: the workers need ${secretVariable(tenant, secret)} in their environment`;
  throw new ItemError(callErrors.SECRET_NOT_SET, message);
}

/**
 * The variable that holds a tenant's secret. A tenant can name neither another tenant's secret nor any other
 * variable, and no two tenants share one: a {@link secretive} tenant's name never has two `_` in a row.
 */
export function secretVariable(tenant: string, name: string): string {
  return `SPILLWAY_SECRET_${tenant.toUpperCase().replaceAll('-', '_')}__${name}`;
}
const secretive = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Reads secrets from the environment, under {@link secretVariable}. */
export function environmentSecrets(env: Environment): Secrets {
  return (tenant, name) =>
    secretive.test(tenant) && named.test(name) ? env[secretVariable(tenant, name)] : undefined;
}
