import { isUtf8 } from 'node:buffer';
import PostalMime, { type Address } from 'postal-mime';
import { ExtractError } from '../extract-error.ts';
import { decodeText } from './decode-text.ts';
import type { Draft } from './draft.ts';
import { readHtml } from './html.ts';

/** A byte order mark, and the line with which mailboxes begin each e-mail. */
const before = /^(\xef\xbb\xbf)?(From \S+ .*\r?\n)?/;
/** Bytes within which these end. */
const beforeWithin = 1_024;
/** Where an e-mail or a part of it names its encoding. */
const charset = /^(?:content-type:|[ \t]).*\bcharset\s*=\s*["']?([\w.:-]+)/gim;
/** One of these is in every e-mail. */
const ofMail = /^(from|to|subject|date|content-type|message-id|mime-version|received)$/;
/** Names of attachments to list in the text. */
const maxNamed = 100;

/**
 * An e-mail: its subject, who wrote it to whom, and what it says; the web page in it if there is no plain text.
 * Attachments are named, not read. Throws `FILE_DAMAGED`.
 */
export async function parseMail(bytes: Uint8Array, draft: Draft): Promise<void> {
  const mail = await PostalMime.parse(asSent(bytes, draft)).catch((error: Error) => {
    throw new ExtractError('FILE_DAMAGED', `The e-mail cannot be read: ${error.message}`, { cause: error });
  });
  if (!mail.headers.some(({ key }) => ofMail.test(key)))
    throw new ExtractError('FILE_DAMAGED', 'The file is named as an e-mail, but is not one');
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

/**
 * The e-mail without what programs put before it, and with letters beyond ASCII as UTF-8 where it does not say what they
 * are: in its head always, in its body if no part names an encoding.
 */
function asSent(bytes: Uint8Array, draft: Draft): Buffer {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const mail = whole.subarray(before.exec(whole.toString('latin1', 0, beforeWithin))?.[0].length ?? 0);
  const latin1 = mail.toString('latin1');
  for (const [, label = ''] of latin1.matchAll(charset)) {
    if (!isKnown(label)) draft.warn('ENCODING_GUESSED', `The encoding ${label} is not known`);
  }
  const names = latin1.search(charset) >= 0;
  const end = names ? latin1.search(/\r?\n\r?\n/) : mail.length;
  const head = mail.subarray(0, end < 0 ? mail.length : end);
  if (isUtf8(head)) return mail;
  return Buffer.concat([Buffer.from(decodeText(head, draft)), mail.subarray(head.length)]);
}

function isKnown(label: string): boolean {
  try {
    return new TextDecoder(label) !== undefined;
  } catch {
    return false;
  }
}

function named(addresses: readonly Address[] = []): string {
  return addresses
    .flatMap((one) => one.group ?? [one])
    .map(({ name, address }) => (name && name !== address ? `${name} <${address}>` : address))
    .join(', ');
}
