import { expect, it } from 'vitest';
import { hashApiKeys } from '../../src/local/api-keys.ts';

const sha256OfLocal = '25bf8e1a2393f1108d37029b3df5593236c755742ec93465bbafa9b290bddcf6';

it('keys become hashes; hashes stay', () => {
  expect(hashApiKeys('local:local')).toBe(`local:${sha256OfLocal}`);
  expect(hashApiKeys(` a:local , b:${sha256OfLocal},`)).toBe(`a:${sha256OfLocal},b:${sha256OfLocal}`);
});

it('keys may hold colons', () => {
  expect(hashApiKeys('a:b:c')).toMatch(/^a:[0-9a-f]{64}$/);
});

it('a malformed entry is refused without being quoted', () => {
  expect(() => hashApiKeys('a:b,secret')).toThrow('entry 2 is not of the form tenant:key');
});
