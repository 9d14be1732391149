import { promises as dns, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressGuard } from './addresses.ts';
import { forbidden, noHost } from './request-fault.ts';

/** Resolves a host name to all its addresses; `dns.lookup` unless a test hands in its own. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

export const resolveAll: Resolve = (host) => dns.lookup(host, { all: true });

/**
 * A socket's own lookup that lets it reach allowed addresses only: what is checked is what is connected to. A socket to a
 * literal address never asks it; that is to be checked before. Fails with a `RequestFault`.
 */
export function guardedLookup(guard: AddressGuard, resolve: Resolve): LookupFunction {
  const checked = async (host: string): Promise<[LookupAddress, ...LookupAddress[]]> => {
    const [first, ...others] = await resolve(host);
    if (first === undefined) throw noHost(host);
    // One private address among public ones is reason enough: which one a socket takes is not ours to say.
    if (![first, ...others].every(({ address }) => guard.allows(address))) throw forbidden(host);
    return [first, ...others];
  };
  return (host, options, callback) => {
    checked(host).then(
      (addresses) => {
        if (options.all) callback(null, addresses);
        else callback(null, addresses[0].address, addresses[0].family);
      },
      (error) => callback(error, ''),
    );
  };
}
