import { hex } from '../physics/chance.ts';
import { calm } from '../settings.ts';
import { accessToken, accessTokenSeconds } from './amazon-token.ts';
import { type Api, type ApiDefinition, json, type Reply, type World } from './api.ts';
import { credential } from './credentials.ts';

/** Login with Amazon, as far as the Selling Partner API needs it: refresh tokens for access tokens. */
export const amazonAuth: ApiDefinition = {
  defaults: calm({
    latency: { kind: 'log-normal', medianMs: 150, sigma: 0.3 },
    limits: { tokens: { rate: 5, per: 'second', burst: 20 } },
  }),
  create,
};

function create({ time, random }: World): Api {
  let requests = 0;

  function failure(status: number, error: string, error_description: string): Reply {
    requests += 1;
    return json(status, { error_description, error, request_id: hex(random('amazon-auth', requests), 32) });
  }

  return {
    failure: (status) =>
      failure(status, status === 503 ? 'temporarily_unavailable' : 'server_error', 'The request failed'),
    throttled: () => failure(429, 'too_many_requests', 'Request rate is too high'),
    routes: [
      {
        method: 'POST',
        path: '/auth/o2/token',
        operation: 'token',
        decide: (request) => {
          const field = (name: string) => request.form?.get(name)?.text;
          const grant = field('grant_type');
          const refreshToken = field('refresh_token');
          const client = field('client_id');
          const secret = field('client_secret');
          if (grant === undefined) return failure(400, 'invalid_request', 'Malformed request');
          if (grant !== 'refresh_token') {
            const description = 'The authorization grant type is not supported by the authorization server';
            return failure(400, 'unsupported_grant_type', description);
          }
          if (credential(client) !== 'valid' || credential(secret) !== 'valid') {
            return failure(401, 'invalid_client', 'Client authentication failed');
          }
          if (refreshToken === undefined || refreshToken === '') {
            const description = 'The request is missing a required parameter : refresh_token';
            return failure(400, 'invalid_request', description);
          }
          if (credential(refreshToken) !== 'valid') {
            const description = 'The request has an invalid grant parameter : refresh_token';
            return failure(400, 'invalid_grant', description);
          }
          // The Selling Partner API counts by application and seller.
          const account = `${client} ${refreshToken}`;
          return {
            keys: [client ?? ''],
            account,
            cost: { tokens: 1 },
            answer: () => {
              const lifetimeMs = time.toReal(accessTokenSeconds * 1000);
              return json(200, {
                access_token: accessToken(account, time.epochMs() + lifetimeMs),
                refresh_token: refreshToken,
                token_type: 'bearer',
                expires_in: Math.max(1, Math.floor(lifetimeMs / 1000)),
              });
            },
          };
        },
      },
    ],
  };
}
