import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { domainOf, leadOf } from '../../../src/workloads/enrich-leads/lead.ts';
import { enrichLeadsOptions, leadRow } from '../../../src/workloads/enrich-leads/schema.ts';

describe('a domain', () => {
  for (const [text, domain] of [
    ['acme.com', 'acme.com'],
    ['https://www.Acme.com/about?x=1', 'acme.com'],
    ['acme.com:8080', 'acme.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['shop.acme.co.uk.', 'shop.acme.co.uk'],
    ['acme', undefined],
    ['ann@acme.com', undefined],
    ['127.0.0.1', undefined],
    ['http://[::1]/', undefined],
    ['-acme.com', undefined],
    ['acme..com', undefined],
    ['acme.c0m', undefined],
    ['ac me.com', undefined],
    [`${'a'.repeat(64)}.com`, undefined],
    ['javascript:alert(1)', undefined],
    ['', undefined],
  ] as const) {
    it(`of '${text.slice(0, 40)}' is ${domain}`, () => expect(domainOf(text)).toBe(domain));
  }
});

describe('a lead', () => {
  const row = {
    company: 'Acme',
    domain: 'WWW.acme.com',
    contact: ' Ann ',
    role: 'CEO',
    email: 'ann@acme.com',
    id: '7',
  };

  it('is a row with proper cells', () => {
    expect(leadOf(row)).toEqual({
      company: 'Acme',
      domain: 'acme.com',
      contact: 'Ann',
      role: 'CEO',
      email: 'ann@acme.com',
    });
  });

  for (const [code, change] of [
    ['LEAD_INCOMPLETE', { company: '  ' }],
    ['INVALID_DOMAIN', { domain: 'not a domain' }],
    ['INVALID_EMAIL', { email: 'ann at acme' }],
  ] as const) {
    it(`fails with ${code}`, () => {
      expect(() => leadOf({ ...row, ...change })).toThrow(
        expect.objectContaining({ code, retryable: false }),
      );
    });
  }

  it('needs no role and no e-mail address', () => {
    const { role: _, email: __, ...least } = row;
    expect(leadOf(least)).toMatchObject({ role: '', email: '' });
  });
});

it('the stored event asks for what the workload takes', () => {
  const event = JSON.parse(readFileSync('events/enrich-leads.apigw.json', 'utf8'));
  const { workload, source, options } = JSON.parse(event.body);
  expect(workload).toBe('enrich-leads');
  expect(enrichLeadsOptions.safeParse(options).success).toBe(true);
  expect(source.items.map((row: unknown) => leadOf(leadRow.parse(row)).contact)).toContain('Ada Lindqvist');
});
