import ipaddr from 'ipaddr.js';

/** Decides whether a server may connect to an address on behalf of a stranger. */
export interface AddressGuard {
  allows(address: string): boolean;
}

/** All publicly routed IPv6 addresses begin with 001 (IANA, IPv6 Global Unicast Address Assignments). */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Lets only public unicast addresses pass, plus the `exceptions` (CIDR notation, for example `127.0.0.1/32`).
 *
 * Refuses all special ranges of IPv4 and IPv6, and every IPv6 form that carries an IPv4 address (IPv4-mapped,
 * IPv4-compatible, 6to4, Teredo, NAT64), even with a public inner address: a gateway could turn it into a
 * private destination. Throws a `RangeError` for an exception that is not in CIDR notation.
 */
export function createAddressGuard(exceptions: readonly string[]): AddressGuard {
  const ranges = exceptions.map((exception) => {
    if (!ipaddr.isValidCIDR(exception)) {
      throw new RangeError(
        `allowAddresses must be in CIDR notation (as 127.0.0.1/32), but has "${exception}"`,
      );
    }
    return ipaddr.parseCIDR(exception);
  });

  return {
    allows(address) {
      if (!ipaddr.isValid(address)) return false;
      const parsed = ipaddr.parse(address);
      if (ranges.some(([net, bits]) => net.kind() === parsed.kind() && parsed.match(net, bits))) return true;
      if (parsed.range() !== 'unicast') return false;
      return parsed instanceof ipaddr.IPv4 || parsed.match(globalUnicast);
    },
  };
}
