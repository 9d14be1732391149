import type { Environment } from '../../core/engine/environment.ts';
import { ItemError, SpillwayError } from '../../core/engine/errors.ts';
import { cardErrors } from './card-errors.ts';

/** Looks up a tenant's secret by name, in the worker. Undefined if it does not exist. */
export type Secrets = (tenant: string, name: string) => string | undefined;

const reference = /\$\{ENV:([^}]*)\}/g;
const named = /^[A-Z][A-Z0-9_]{0,99}$/;

/** Throws `SECRET_INVALID` for a reference that cannot be looked up. */
export function checkReferences(text: string): void {
  for (const [, name = ''] of text.matchAll(reference)) {
    if (!named.test(name)) {
      throw new SpillwayError(
        cardErrors.SECRET_INVALID,
        `\${ENV:${name}}: the name may have only A–Z, 0–9 and _`,
      );
    }
  }
}

/**
 * A header's value with its secrets filled in. If one is not set, throws an `ItemError` that stops the job: every
 * other item would fail the same way.
 */
export function resolveSecrets(text: string, tenant: string, secrets: Secrets): string {
  return text.replaceAll(reference, (_, name: string) => {
    const value = secrets(tenant, name);
    if (value !== undefined && value !== '') return value;
    const message = `\${ENV:${name}} is not set: the workers need ${secretVariable(tenant, name)} in their environment`;
    throw new ItemError(cardErrors.SECRET_NOT_SET, message);
  });
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
