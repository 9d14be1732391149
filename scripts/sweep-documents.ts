/**
 * `npm run sweep:documents -- --dir DIR`: reads every file below a folder of strange documents, such as the test files
 * of pdf.js and Apache POI, and counts what is read, refused in words, and wrong: a parser that dies, hangs or takes too
 * much memory. Beside `pdftotext` (poppler-utils), if the machine has it, it counts the words of PDFs that ours lacks,
 * and fails where fewer than 99% are found. `--verbose` lists every file.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join, relative } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import pLimit from 'p-limit';
import { kindOf } from '../src/workloads/extract-files/kind.ts';
import { maxFileBytes, transferable } from '../src/workloads/extract-files/source.ts';
import { createParserPool } from '../src/workloads/extract-files/threads/pool.ts';
import { missingWords, wordCounts, wordsOnPages } from './sweep/words.ts';

const run = promisify(execFile);
const timeoutMs = 60_000;
const leastShare = 0.99;
/** Files with the lowest shares of words to list. */
const worstListed = 25;

interface Finding {
  file: string;
  /** `read`, or the code of the error. */
  result: string;
  message: string;
  warnings: string[];
  /** Words that the other reader finds, and those of them that ours lacks. */
  words?: undefined | { other: number; missing: number; examples: string[] };
}

const { values } = parseArgs({
  options: {
    dir: { type: 'string' },
    reference: { type: 'string', default: 'pdftotext' },
    verbose: { type: 'boolean', default: false },
  },
});
const directory = values.dir;
if (directory === undefined) throw new Error('--dir DIR is missing: a folder of documents');

const pool = createParserPool();
const files = (await readdir(directory, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();
const limit = pLimit(availableParallelism());
const findings = await Promise.all(files.map((file) => limit(examine, file)));
await pool.close();
report(findings);

async function examine(file: string): Promise<Finding> {
  const finding: Finding = {
    file: relative(directory ?? '', file),
    result: 'read',
    message: '',
    warnings: [],
  };
  try {
    const bytes = await readFile(file);
    if (bytes.length > maxFileBytes) return { ...finding, result: 'FILE_TOO_LARGE' };
    const kind = kindOf(bytes, basename(file));
    const { info, text } = await pool.parse(
      { kind, bytes: transferable(bytes) },
      timeoutMs,
      new AbortController().signal,
    );
    finding.warnings = info.warnings.map(({ code }) => code);
    // What was cut on purpose is not missing.
    const isWhole = !finding.warnings.includes('TEXT_CUT');
    if (kind === 'pdf' && isWhole) finding.words = await compare(file, new TextDecoder().decode(text));
  } catch (error) {
    const { code = 'UNKNOWN', message } = error as Error & { code?: string };
    Object.assign(finding, { result: code, message });
    if (code === 'FILE_HAS_NO_TEXT' && file.endsWith('.pdf')) finding.words = await compare(file, '');
  }
  return finding;
}

/** Undefined if the other reader cannot read the file, or is not there. */
async function compare(file: string, text: string): Promise<Finding['words']> {
  if (values.reference === 'none') return undefined;
  try {
    const { stdout } = await run(values.reference, ['-q', '-cropbox', '-bbox', '-enc', 'UTF-8', file, '-'], {
      maxBuffer: 2 ** 28,
      timeout: timeoutMs,
    });
    const other = wordCounts(wordsOnPages(stdout));
    const missing = missingWords(other, wordCounts(text), text);
    const total = [...other.values()].reduce((sum, count) => sum + count, 0);
    return { other: total, missing: missing.count, examples: missing.examples };
  } catch {
    return undefined;
  }
}

function report(all: readonly Finding[]): void {
  const counts = new Map<string, number>();
  for (const { result } of all) counts.set(result, (counts.get(result) ?? 0) + 1);
  console.log(`${all.length} files`);
  for (const [result, count] of [...counts].sort(([, a], [, b]) => b - a))
    console.log(`  ${count}\t${result}`);
  if (values.verbose) {
    for (const { file, result, message, warnings } of all) {
      console.log([result, file, message, warnings.join(' ')].join('\t'));
    }
  }
  const wrong = all.filter(({ result }) => /^PARSER_|^UNKNOWN$/.test(result));
  for (const { file, result, message } of wrong) console.log(`wrong: ${file}: ${result} ${message}`);
  const compared = all.flatMap(({ file, words }) => (words && words.other > 0 ? [{ file, ...words }] : []));
  const other = compared.reduce((sum, one) => sum + one.other, 0);
  const missing = compared.reduce((sum, one) => sum + one.missing, 0);
  const share = other === 0 ? 1 : 1 - missing / other;
  if (compared.length > 0) {
    console.log(
      `words: ${compared.length} PDFs, ${other} words, ${missing} missing (${(100 * share).toFixed(3)}% found)`,
    );
    const worst = compared.filter((one) => one.missing > 0).sort((a, b) => b.missing - a.missing);
    for (const { file, other: words, missing: lacking, examples } of worst.slice(0, worstListed)) {
      console.log(`  ${file}: ${lacking} of ${words}: ${examples.join(' ')}`);
    }
  }
  if (wrong.length > 0 || share < leastShare) process.exitCode = 1;
}
