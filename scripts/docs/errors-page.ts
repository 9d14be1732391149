import type { DeclaredError } from '../../src/core/engine/errors.ts';
import { type ErrorGroup, errorGroups } from './error-groups.ts';

const beginning = `# Errors

Every error has a \`code\`, which does not change, and a \`message\` for people, which may. A request that fails is answered with a
problem document (RFC 9457) that holds both, with the status below. Codes without a status end up in outcomes, in a job's \`error\`, in
logs, or on the terminal.

_Retryable_: the same thing, tried again later, can succeed. A retry of the job (\`POST /jobs/{id}/retry\`) runs everything that failed,
retryable or not: after a correction, that is what you want. _Stops the job_: every other item would fail for the same reason.

This page is made from the declarations in the source by \`npm run docs:errors\`.
`;

/** The whole of `docs/errors.md`. */
export function errorsPage(): string {
  return [beginning, ...errorGroups.map(section)].join('\n');
}

const head = ['code', 'meaning', 'retryable', 'status', 'what to do'];

function section({ title, intro, declarations }: ErrorGroup): string {
  const rows = declarations.flatMap((declared) => Object.values(declared)).map(cellsOf);
  return `## ${title}\n\n${intro}\n\n${table([head, ...rows])}`;
}

function cellsOf({ code, meaning, retryable, stopsJob, status, whatToDo }: DeclaredError): string[] {
  const again = retryable ? 'yes' : 'no';
  const text = (told: string) => told.replaceAll('|', '\\|');
  const last = [stopsJob ? `${again}; stops the job` : again, String(status ?? ''), text(whatToDo)];
  return [`\`${code}\``, text(meaning), ...last];
}

/** Markdown as the formatter leaves it: cells as wide as the widest of their column. */
function table([titles = [], ...rows]: string[][]): string {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |\n`;
  return [line(titles), line([], '-'), ...rows.map((cells) => line(cells))].join('');
}
