export const formats = ['csv', 'jsonl', 'json', 'xlsx'] as const;
/** `jsonl`: one JSON object a line. `json`: one array of objects. */
export type Format = (typeof formats)[number];

/** A cell that holds one of them is written in quotes, so that the delimiter can be told from the rest. */
export const delimiters = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof delimiters)[number];

const contentTypes: Record<Format, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/x-ndjson',
  json: 'application/json',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

/**
 * How a file of this format is named and served. The extension begins with a dot. A gzip file is served as one, and not as
 * a text with a `content-encoding`: who downloads `rows.csv.gz` gets what its name says.
 */
export function fileType(format: Format, gzip = false): { extension: string; contentType: string } {
  return gzip
    ? { extension: `.${format}.gz`, contentType: 'application/gzip' }
    : { extension: `.${format}`, contentType: contentTypes[format] };
}

/** The format that a file's name tells, if any. */
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
