import { promises as dns, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { AddressGuard } from './addresses.ts';
import { forbidden, noHost } from './request-fault.ts';

/** Resolves a host name to all its addresses: `dns.lookup`, unless a test passes its own. */
export type Resolve = (host: string) => Promise<LookupAddress[]>;

export const resolveAll: Resolve = (host) => dns.lookup(host, { all: true });

/**
 * A socket's lookup that allows only permitted addresses, so the checked address is also the one connected
 * to. A socket does not call it for a literal address; check that beforehand. Fails with a `RequestFault`.
 */
export function guardedLookup(guard: AddressGuard, resolve: Resolve): LookupFunction {
  const checked = async (host: string): Promise<[LookupAddress, ...LookupAddress[]]> => {
    const [first, ...others] = await resolve(host);
    if (first === undefined) throw noHost(host);
    // One private address among public ones is enough to refuse: we do not control which one a socket takes.
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
