import type { PDFPageProxy } from 'unpdf/pdfjs';
import type { Draft } from '../draft.ts';

/** What is used of an annotation: pdf.js has no types for them. */
interface Annotation {
  subtype: string;
  /** Of a form field: `Tx` is a text, `Ch` a choice, `Btn` a button or a box to tick. */
  fieldType?: string;
  fieldValue?: unknown;
  /** The field's name for programs, and for people. */
  fieldName?: string;
  alternativeText?: string;
  options?: { exportValue: unknown; displayValue: unknown }[];
  checkBox?: boolean;
  radioButton?: boolean;
  pushButton?: boolean;
  buttonValue?: string | null;
  password?: boolean;
  hasAppearance?: boolean;
  annotationFlags?: number;
  contentsObj?: { str?: string };
  textContent?: string[];
  richText?: { str?: string } | null;
}

/** Flags of what is not on the page: hidden, and for print only. Source: ISO 32000-2, 12.5.3. */
const unseen = 0x02 | 0x20;

/** Links lead elsewhere, and a pop-up repeats the note that it belongs to. */
const silent = new Set(['Link', 'Popup', 'Widget']);

/**
 * What was typed into a page's form fields, and the notes on the page, in the order of the file. Hidden fields and
 * passwords are left out; words that are only drawn, such as those of a signature, are named in a warning.
 */
export async function notesOf(page: PDFPageProxy, draft: Draft): Promise<string[]> {
  const annotations: Annotation[] = await page.getAnnotations();
  const seen = annotations.filter(
    ({ annotationFlags = 0, password }) => !password && (annotationFlags & unseen) === 0,
  );
  for (const { fieldType, pushButton, hasAppearance } of seen) {
    if (pushButton) draft.leaveOut('captions of buttons');
    if (fieldType === 'Sig' && hasAppearance) draft.leaveOut('signatures');
  }
  return seen.flatMap((one) => (one.subtype === 'Widget' ? fieldText(one) : noteText(one)));
}

function noteText({ subtype, contentsObj, textContent, richText }: Annotation): string[] {
  if (silent.has(subtype)) return [];
  const text = contentsObj?.str?.trim() || richText?.str?.trim() || textContent?.join('\n').trim();
  return text ? [lines(text)] : [];
}

function fieldText(field: Annotation): string[] {
  const value = typedInto(field);
  if (value === '') return [];
  // A tick says nothing without a name; what was typed stands for itself.
  const label = field.alternativeText?.trim() || (field.fieldType === 'Btn' ? field.fieldName : undefined);
  return [label && label !== value ? `${label}: ${value}` : value];
}

function typedInto({
  fieldType,
  fieldValue,
  options,
  checkBox,
  radioButton,
  buttonValue,
}: Annotation): string {
  if (fieldType === 'Tx') return typeof fieldValue === 'string' ? lines(fieldValue).trim() : '';
  if (fieldType === 'Ch') {
    const chosen: unknown[] = Array.isArray(fieldValue) ? fieldValue : [fieldValue];
    return chosen.map((value) => shown(value, options)).join(', ');
  }
  if (!checkBox && !radioButton) return '';
  const on = typeof fieldValue === 'string' && fieldValue !== 'Off';
  // Each button of a group has the group's value: the pressed one has it as its own, too.
  return on && (checkBox || fieldValue === buttonValue) ? fieldValue : '';
}

/** The words that a choice shows for a value. */
function shown(value: unknown, options: Annotation['options'] = []): string {
  const option = options.find(({ exportValue }) => exportValue === value);
  const text = option?.displayValue ?? value;
  return typeof text === 'string' ? text : '';
}

const lines = (text: string) => text.replace(/\r\n?/g, '\n');
