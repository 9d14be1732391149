import { keyOf, parseKeys, tenantOf } from './edge/keys.ts';

interface AuthorizerEvent {
  headers?: Record<string, string | undefined>;
}

const keys = parseKeys(process.env.SPILLWAY_API_KEYS ?? '');

/**
 * HTTP API authorizer: finds the tenant that a key belongs to. It lets every request pass, without a tenant if need
 * be: the functions behind it refuse with a problem document, which the gateway itself cannot write.
 */
export const handler = async ({ headers = {} }: AuthorizerEvent) => {
  const tenant = tenantOf(keys, keyOf(headers) ?? '');
  return { isAuthorized: true, context: { tenant: tenant ?? '' } };
};
