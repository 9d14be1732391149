import * as z from 'zod';

/** Marks around untrusted text. They are removed from the text itself. */
export const open = '⟦';
export const close = '⟧';

export const placeholder = /\{\{\s*([^{}]+?)\s*\}\}/g;
const templateLength = 4_000;

/** A text with at least one `{{column}}`. */
export const promptTemplate = z
  .string()
  .trim()
  .min(1)
  .max(templateLength)
  .superRefine((text, context) => {
    const problem = (message: string) => context.addIssue({ code: 'custom', message });
    if (/[{}]{2}/.test(text.replace(placeholder, ''))) problem('has braces that are no {{column}}');
    if (text.search(placeholder) < 0) problem('has no {{column}}: every e-mail would be the same');
    if (text.includes(open) || text.includes(close)) problem(`must not have ${open} or ${close}`);
  });
