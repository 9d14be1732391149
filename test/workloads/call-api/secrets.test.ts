import { describe, expect, it } from 'vitest';
import { parseText } from '../../../src/workloads/call-api/placeholder.ts';
import {
  environmentSecrets,
  resolveSecret,
  secretVariable,
} from '../../../src/workloads/call-api/secrets.ts';
import { sliceSizeOf } from '../../../src/workloads/call-api/slice-size.ts';
import { fillText } from '../../../src/workloads/call-api/template.ts';
import { reference } from '../recommend-cards/cards.ts';

describe('a secret', () => {
  const variable = secretVariable('acme', 'CARDS_KEY');
  const secrets = environmentSecrets({
    [variable]: 'k-1',
    SPILLWAY_SECRET_OTHER__KEY: 'theirs',
    HOME: '/root',
  });
  const filled = (text: string, tenant = 'acme') =>
    fillText(parseText(text), {}, (found) => resolveSecret(found, tenant, secrets));

  it("is looked up among the tenant's own", () => {
    expect(variable).toBe('SPILLWAY_SECRET_ACME__CARDS_KEY');
    expect(filled(`Bearer ${reference('CARDS_KEY')}`)).toBe('Bearer k-1');
    expect(filled('plain $1 {ENV:X}')).toBe('plain $1 {ENV:X}');
  });

  it.each([
    ['acme', 'HOME'],
    ['acme', 'OTHER__KEY'],
    ['other', 'CARDS_KEY'],
    ['other_', 'KEY'],
    ['OTHER', 'KEY'],
  ])('that is not there stops the job and says what to set: %s, %s', (tenant, name) => {
    expect(() => filled(reference(name), tenant)).toThrow(
      expect.objectContaining({
        code: 'SECRET_NOT_SET',
        stopsJob: true,
        message: expect.stringContaining(secretVariable(tenant, name)),
      }),
    );
  });
});

it.each([
  [1, 100],
  [20, 1_000],
  [1_000, 2_000],
])('with %d calls at a time a slice has %d users', (workers, users) => {
  expect(sliceSizeOf(workers)).toBe(users);
});
