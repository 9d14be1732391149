import { docx } from '../../../src/local/demo/extract-files/documents/docx.ts';
import { pdf } from '../../../src/local/demo/extract-files/documents/pdf.ts';
import { pptx } from '../../../src/local/demo/extract-files/documents/pptx.ts';
import { xlsx } from '../../../src/local/demo/extract-files/documents/xlsx.ts';

export const english =
  'The harbour board approved the annual dredging budget. Dredging of the northern channel starts in May, and the board expects the northern channel to be open by autumn.';
export const german =
  'Der Hafenmeister übernimmt die Aufsicht über die Schleuse, prüft täglich den Wasserstand und meldet Störungen an die Leitstelle.';

/** A document of each kind. */
export const samples = {
  'report.pdf': () =>
    pdf('Harbour report', [
      { heading: 'Budget', text: english },
      { heading: 'Schedule', text: 'The lock closes in June.' },
    ]),
  'minutes.docx': () =>
    docx('Minutes', [
      { heading: 'Attendance', level: 1 },
      english,
      {
        rows: [
          ['Name', 'Role'],
          ['Ana & Bo', 'Chair'],
        ],
      },
      { heading: 'Decisions', level: 2 },
      'Nothing <else>.',
    ]),
  'deck.pptx': () =>
    pptx('Deck', [
      { title: 'Welcome', lines: ['First line', 'Second line'], notes: 'Greet the guests' },
      { title: 'Plans', lines: [english] },
    ]),
  'berths.xlsx': () =>
    xlsx('Berths', [
      { berth: 'N1', ship: 'Aurora' },
      { berth: 'N2', ship: 'Borea' },
    ]),
  'tides.html': async () =>
    Buffer.from(
      `<html><head><title>Tide &amp; time</title><style>p{}</style></head><body><h1>Tides</h1><p>High <b>water</b>
       at noon.<script>alert("x")</script></p><ul><li>one<li>two</ul><table><tr><th>a<th>b<tr><td>1<td>2</table>
       <svg><title>Chart</title><text>hidden</text></svg></body></html>`,
    ),
  'guide.md': async () =>
    Buffer.from(
      '---\ntitle: "Pilot guide"\n---\n# Approach\n\nCall the **pilot** on [channel 12](https://x.test/).\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<!-- not shown -->\n\n```\ncode\n```\n',
    ),
  'stores.csv': async () => Buffer.from('name;quantity\nrope;3\n"anchor; large";1\n'),
  'notice.txt': async () => Buffer.from(german, 'latin1'),
} as const satisfies Record<string, () => Promise<Buffer>>;
