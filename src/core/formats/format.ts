export const formats = ['csv', 'jsonl', 'json', 'xlsx'] as const;
/** `jsonl`: one JSON object per line. `json`: one array of objects. */
export type Format = (typeof formats)[number];

/** A cell that contains one of them is written in quotes, so that readers can detect the delimiter. */
export const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];

const contentTypes: Record<Format, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/x-ndjson',
  json: 'application/json',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/**
 * How a file of this format is named and served. The extension begins with a dot. A gzip file is served as
 * gzip, not as text with a `content-encoding`, so that a download of `rows.csv.gz` is what its name says.
 */
export function fileType(format: Format, gzip = false): { extension: string; contentType: string } {
  return gzip
    ? { extension: `.${format}.gz`, contentType: 'application/gzip' }
    : { extension: `.${format}`, contentType: contentTypes[format] };
}

/** The format that a file's name indicates, if any. */
export function formatOfName(name: string): Format | undefined {
  const extension = /\.([a-z0-9]+)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase();
  switch (extension) {
    case 'csv':
    case 'tsv':
    case 'tab':
      return 'csv';
    case 'jsonl':
    case 'ndjson':
      return 'jsonl';
    case 'json':
      return 'json';
    case 'xlsx':
    case 'xlsm':
      return 'xlsx';
    default:
      return undefined;
  }
}
