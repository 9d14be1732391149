import type { Row } from './bench.ts';
import { comparisons, timesLimit } from './comparison.ts';

/** In pixels. */
const size = { width: 760, labels: 200, figures: 70, line: 22, bar: 14, title: 34, margin: 16 };
const barsWidth = size.width - size.labels - size.figures;

/**
 * A bar chart as SVG: per comparison, what each system took relative to the limit. Its middling colours are readable on
 * light and dark pages; a media query would follow the system's theme, which need not be the page's.
 */
export function plot(rows: readonly Row[]): string {
  let y = size.margin;
  const panels = comparisons(rows).map(({ title, rows }) => {
    const bars = rows.filter((row) => row.system !== 'limit' && timesLimit(row) !== undefined);
    if (bars.length === 0) return '';
    const top = y;
    y += size.title + bars.length * size.line + size.margin;
    return panel(title, bars, top);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${y}" width="${size.width}" height="${y}" role="img">
<title>Time of each system relative to the least possible time</title>
<style>
  text { font: 13px system-ui, sans-serif; fill: #6e7781; }
  .title { font-weight: 600; }
  .bar { fill: #8c959f; }
  .spillway { fill: #1a9c5f; }
  .limit { stroke: #d9484f; stroke-dasharray: 3 3; }
  .limit-label { fill: #d9484f; font-size: 11px; }
</style>
${panels.filter((one) => one !== '').join('\n')}
</svg>
`;
}

function panel(title: string, rows: readonly Row[], top: number): string {
  const most = Math.max(1, ...rows.map((row) => timesLimit(row) ?? 0));
  const x = (times: number) => round(size.labels + (times / most) * barsWidth);
  const first = top + size.title;
  const bars = rows.map((row, index) => {
    const times = timesLimit(row) ?? 0;
    const y = first + index * size.line;
    const kind = row.system.startsWith('spillway') ? 'bar spillway' : 'bar';
    return `<text x="${size.labels - 8}" y="${y + 12}" text-anchor="end">${escaped(row.system)}</text>
<rect class="${kind}" x="${size.labels}" y="${y}" width="${round(x(times) - size.labels)}" height="${size.bar}" rx="2"/>
<text x="${x(times) + 6}" y="${y + 12}">${times.toFixed(2)}×</text>`;
  });
  const bottom = first + rows.length * size.line;
  return `<text class="title" x="8" y="${top + 14}">${escaped(title)}</text>
<text class="limit-label" x="${x(1)}" y="${first - 7}" text-anchor="middle">limit</text>
${bars.join('\n')}
<line class="limit" x1="${x(1)}" x2="${x(1)}" y1="${first - 4}" y2="${bottom}"/>`;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
