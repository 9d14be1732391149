import PostalMime, { type Address } from 'postal-mime';
import { ExtractError } from '../extract-error.ts';
import type { Draft } from './draft.ts';
import { readHtml } from './html.ts';

/** Names of attachments to list in the text. */
const maxNamed = 100;

/**
 * An e-mail: its subject, who wrote it to whom, and what it says; the web page in it if there is no plain text.
 * Attachments are named, not read. Throws `FILE_DAMAGED`.
 */
export async function parseMail(bytes: Uint8Array, draft: Draft): Promise<void> {
  const mail = await PostalMime.parse(bytes).catch((error: Error) => {
    throw new ExtractError('FILE_DAMAGED', `The e-mail cannot be read: ${error.message}`, { cause: error });
  });
  draft.title = mail.subject?.trim() || undefined;
  draft.write(mail.subject ?? '');
  const header = (name: string, value: string) => value && draft.write(`${name}: ${value}`, 1);
  header('From', mail.from ? named([mail.from]) : '');
  header('To', named(mail.to));
  header('Cc', named(mail.cc));
  header('Date', mail.date ?? '');
  const { text = '', html = '' } = mail;
  if (text.trim() !== '') draft.write(text.replace(/\r\n?/g, '\n'));
  else readHtml(html, draft);
  // Pictures that the page shows are part of it.
  const attached = mail.attachments.filter(({ related }) => !related);
  const names = attached.map(({ filename, mimeType }) => filename?.trim() || `unnamed (${mimeType})`);
  if (names.length > 0) draft.write(`Attachments: ${names.slice(0, maxNamed).join(', ')}`);
  for (const name of names) draft.leaveOut(`the attachment ${name}`);
}

function named(addresses: readonly Address[] = []): string {
  return addresses
    .flatMap((one) => one.group ?? [one])
    .map(({ name, address }) => (name && name !== address ? `${name} <${address}>` : address))
    .join(', ');
}
