import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import * as z from 'zod';
import { ItemError } from '../../core/engine/errors.ts';
import { leadErrors } from './lead-errors.ts';
import { type LeadRow, requiredColumns } from './schema.ts';

/** A row with its cells checked. */
export interface Lead {
  company: string;
  contact: string;
  /** Lower case, as in DNS (punycode), without `www.`: the same for everyone who works there. */
  domain: string;
  role: string;
  email: string;
}

const address = z.email();

/** Throws an ItemError: `LEAD_INCOMPLETE`, `INVALID_DOMAIN` or `INVALID_EMAIL`. */
export function leadOf(row: LeadRow): Lead {
  const cell = (column: string) => String(row[column] ?? '').trim();
  const empty = requiredColumns.filter((column) => cell(column) === '');
  if (empty.length > 0)
    throw new ItemError(leadErrors.LEAD_INCOMPLETE, `These cells are empty: ${empty.join(', ')}`);
  const domain = domainOf(cell('domain'));
  if (domain === undefined) {
    throw new ItemError(
      leadErrors.INVALID_DOMAIN,
      `domain: '${cell('domain').slice(0, 100)}' is not a domain name`,
    );
  }
  const email = cell('email');
  if (email !== '' && !address.safeParse(email).success) {
    throw new ItemError(leadErrors.INVALID_EMAIL, `email: '${email.slice(0, 100)}' is not an e-mail address`);
  }
  return { company: cell('company'), contact: cell('contact'), domain, role: cell('role'), email };
}

/** Accepts a URL too, which many tables hold instead. Undefined if the text is no public host name. */
export function domainOf(text: string): string | undefined {
  const host = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#@:\s]+)(?::\d{1,5})?(?:[/?#].*)?$/i.exec(text)?.[1] ?? '';
  const name = domainToASCII(host.toLowerCase())
    .replace(/\.$/, '')
    .replace(/^www\./, '');
  if (name.length > 253 || isIP(name) !== 0) return undefined;
  const labels = name.split('.');
  const proper = labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
  return proper && labels.length > 1 && /^([a-z]{2,63}|xn--.+)$/.test(labels.at(-1) ?? '') ? name : undefined;
}
