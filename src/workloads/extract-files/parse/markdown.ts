import { lexer, type Token, type Tokens } from 'marked';
import { decodeText } from './decode-text.ts';
import type { Draft } from './draft.ts';

/** Metadata that some programs keep above the text, between lines of dashes. */
const frontMatter = /^---\r?\n([\s\S]{0,10000}?)\r?\n---\r?\n/;

/** The text of a Markdown file, without markup. */
export async function parseMarkdown(bytes: Uint8Array, draft: Draft): Promise<void> {
  const source = decodeText(bytes, draft);
  const settings = frontMatter.exec(source);
  draft.title = /^title:\s*["']?(.*?)["']?\s*$/m.exec(settings?.[1] ?? '')?.[1] || undefined;
  for (const token of lexer(source.slice(settings?.[0].length ?? 0))) {
    if (draft.full) return;
    addBlock(token, draft);
  }
}

function addBlock(token: Token, draft: Draft): void {
  switch (token.type) {
    case 'heading':
      draft.heading(inline(token), token.depth);
      break;
    case 'list':
      for (const item of (token as Tokens.List).items) draft.write(`- ${inline(item)}`, 1);
      break;
    case 'table': {
      const { header, rows } = token as Tokens.Table;
      for (const [at, row] of [header, ...rows].entries()) {
        draft.row(row.map(inline), at === 0 ? 2 : 1);
      }
      break;
    }
    case 'blockquote':
      for (const within of token.tokens ?? []) addBlock(within, draft);
      break;
    case 'html':
      draft.write(token.text.replace(/<!--[\s\S]*?-->|<[^>]*>/g, ' '));
      break;
    case 'code':
    case 'paragraph':
    case 'text':
      draft.write(inline(token));
  }
}

/** The words of a token, without emphasis and links. */
function inline(token: Token | Tokens.TableCell): string {
  if ('tokens' in token && token.tokens && token.tokens.length > 0) {
    return token.tokens
      .map((one, at) => (at > 0 && isBlock(one) ? `\n${inline(one)}` : inline(one)))
      .join('');
  }
  if (!('type' in token)) return token.text;
  if (token.type === 'br') return '\n';
  if (token.type === 'html') return '';
  if (token.type === 'list')
    return (token as Tokens.List).items.map((item) => `- ${inline(item)}`).join('\n');
  return 'text' in token ? String(token.text) : '';
}

const isBlock = ({ type }: Token) => type === 'list' || type === 'paragraph' || type === 'code';
