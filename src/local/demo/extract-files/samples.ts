import { docx } from './documents/docx.ts';
import { pdf } from './documents/pdf.ts';
import { pptx } from './documents/pptx.ts';
import { prose } from './documents/prose.ts';
import { xlsx } from './documents/xlsx.ts';

/** A file of the demo. */
export interface Sample {
  /** Path within the folder. */
  name: string;
  contentType: string;
  /** Why nothing can be read from it, if so. */
  fails?: string;
  make(): Promise<Buffer>;
}

const office = 'application/vnd.openxmlformats-officedocument.';
const contentTypes: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  docx: `${office}wordprocessingml.document`,
  pptx: `${office}presentationml.presentation`,
  xlsx: `${office}spreadsheetml.sheet`,
  html: 'text/html',
  md: 'text/markdown',
  csv: 'text/csv',
};
const chapters = (count: number, seed: number) =>
  Array.from({ length: count }, (_, at) => ({ heading: `Chapter ${at + 1}`, text: prose(20, seed + at) }));

/** A small archive of an invented harbour, generated anew each time; some of it cannot be read. */
export const samples: readonly Sample[] = [
  sample('harbour/annual-report.pdf', () => pdf('Annual report of the harbour board', chapters(12, 1))),
  sample('harbour/handbook.pdf', () => pdf('Handbook for pilots', chapters(8, 40))),
  sample('harbour/minutes/2026-05.docx', () => minutes('May', 3)),
  sample('harbour/minutes/2026-06.docx', () => minutes('June', 9)),
  sample('harbour/minutes/2026-07.docx', () => minutes('July', 5)),
  sample('harbour/plans/dredging.pptx', () =>
    pptx('Dredging of the northern channel', [
      { title: 'Why', lines: [prose(2, 4)], notes: 'Begin with the soundings of last year.' },
      { title: 'How', lines: [prose(1, 8), prose(1, 11)] },
      { title: 'When', lines: ['From May to September'] },
    ]),
  ),
  sample('harbour/plans/berths.xlsx', () =>
    xlsx(
      'Berths',
      Array.from({ length: 200 }, (_, at) => ({ berth: `N${at + 1}`, length: 90 + at, note: prose(1, at) })),
    ),
  ),
  sample('harbour/web/tides.html', async () =>
    Buffer.from(
      `<!doctype html><title>Tide tables</title><script>track()</script><h1>Tides</h1><p>${prose(12, 2)}</p><h2>Springs</h2><p>${prose(6, 5)}</p>`,
    ),
  ),
  sample('harbour/web/approach.md', async () =>
    Buffer.from(
      `# Approach\n\nCall the **pilot** on channel 12.\n\n${prose(8, 6)}\n\n## At night\n\n${prose(4, 7)}\n`,
    ),
  ),
  sample('harbour/web/dues.csv', async () =>
    Buffer.from('vessel,tonnage,dues\nAurora,4200,1260\nBorea,9100,2730\n'),
  ),
  sample('harbour/notice.txt', async () =>
    // In the encoding of programs of the last century.
    Buffer.from(
      'Die Schleuse bleibt während der Nipptiden im Juni für alle Schiffe gesperrt. Rückfragen an die Hafenmeisterei.',
      'latin1',
    ),
  ),
  sample(
    'harbour/scans/chart.pdf',
    () => pdf('Chart', chapters(1, 1), { scanned: true }),
    'FILE_HAS_NO_TEXT',
  ),
  sample(
    'harbour/scans/contract.pdf',
    () => pdf('Contract', chapters(1, 2), { password: 'secret' }),
    'FILE_ENCRYPTED',
  ),
  sample(
    'harbour/scans/torn.docx',
    async () => (await minutes('August', 1)).subarray(0, 900),
    'FILE_DAMAGED',
  ),
];

function minutes(month: string, seed: number): Promise<Buffer> {
  return docx(`Minutes of ${month}`, [
    { heading: 'Present', level: 1 },
    {
      rows: [
        ['Name', 'Office'],
        ['A. Lind', 'Chair'],
        ['B. Okoro', 'Harbour master'],
      ],
    },
    { heading: 'Decisions', level: 1 },
    ...Array.from({ length: 12 }, (_, at) => prose(4, seed + at)),
  ]);
}

function sample(name: string, make: () => Promise<Buffer>, fails?: string): Sample {
  const extension = name.slice(name.lastIndexOf('.') + 1);
  const contentType = contentTypes[extension] ?? 'text/plain';
  return { name, contentType, make, ...(fails !== undefined && { fails }) };
}
