import { describe, expect, it } from 'vitest';
import { createAddressGuard } from '../../../src/core/http/addresses.ts';

describe('address guard', () => {
  const guard = createAddressGuard([]);

  it.each(['93.184.216.34', '8.8.8.8', '1.1.1.1', '2606:4700:4700::1111', '2a00:1450:4001:82a::200e'])(
    'lets the public address %s pass',
    (address) => expect(guard.allows(address)).toBe(true),
  );

  it.each([
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['loopback', '127.0.0.1'],
    ['all of loopback', '127.255.255.254'],
    ['private A', '10.1.2.3'],
    ['private B', '172.31.255.255'],
    ['private C', '192.168.0.1'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['instance metadata', '169.254.169.254'],
    ['documentation', '192.0.2.1'],
    ['benchmarking', '198.18.0.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['IPv6 unspecified', '::'],
    ['IPv6 loopback', '::1'],
    ['IPv4-mapped loopback', '::ffff:127.0.0.1'],
    ['IPv4-mapped public', '::ffff:8.8.8.8'],
    ['IPv4-compatible', '::7f00:1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['local-use NAT64', '64:ff9b:1::a00:1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:7f00:1::'],
    ['unique local', 'fc00::1'],
    ['unique local, metadata', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['site-local', 'fec0::1'],
    ['IPv6 multicast', 'ff02::1'],
    ['IPv6 documentation', '2001:db8::1'],
    ['new IPv6 documentation', '3fff::1'],
    ['discard', '100::1'],
    ['IPv6 benchmarking', '2001:2::1'],
    ['unassigned', '4000::1'],
    ['no address', 'localhost'],
    ['the empty string', ''],
  ])('refuses %s (%s)', (_, address) => expect(guard.allows(address)).toBe(false));

  it('makes exceptions for ranges of the same family only', () => {
    const local = createAddressGuard(['127.0.0.0/8', '::1/128']);
    expect(local.allows('127.3.2.1')).toBe(true);
    expect(local.allows('::1')).toBe(true);
    expect(local.allows('::ffff:127.0.0.1')).toBe(false);
    expect(local.allows('10.0.0.1')).toBe(false);
  });

  it('quotes an exception that is no range', () => {
    expect(() => createAddressGuard(['127.0.0.1'])).toThrow(/"127\.0\.0\.1"/);
  });
});
