import { describe, expect, it } from 'vitest';
import { describe as report } from '../../../src/core/forecast/describe.ts';
import { forecast } from '../../../src/core/forecast/forecast.ts';
import { letter } from '../../../src/core/forecast/letter.ts';
import { tableOf } from '../../../src/core/forecast/table.ts';
import { bytesText, countText, durationText, numberText, usdText } from '../../../src/core/forecast/units.ts';
import { cards } from './examples.ts';

describe('numbers for people', () => {
  it.each([
    [0, '0 s'],
    [500, '0.5 s'],
    [119_000, '119 s'],
    [150_000, '3 min'],
    [7_200_000, '2 h'],
    [11_100_000, '3 h 5 min'],
    [172_799_000, '48 h'],
    [183_600_000, '2 d 3 h'],
    [8_640_000_000, '100 d'],
  ])('%d ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [35_000, '35 kB'],
    [999_900, '1 MB'],
    [71_680_000_000, '71.7 GB'],
    [5e18, '5,000 PB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  it('are short', () => {
    expect([0, 0.012345, 7.4074, 1_234.5].map(numberText)).toEqual(['0', '0.0123', '7.41', '1,230']);
    expect([0, 0.001234, 0.5, 1_234.5].map(usdText)).toEqual(['0', '0.0012', '0.50', '1,234.50']);
    expect(countText(2e6)).toBe('2,000,000');
  });
});

describe('a table', () => {
  it('is aligned, and no line ends in spaces', () => {
    const columns = [
      { heading: 'name', align: 'left' },
      { heading: 'n', align: 'right' },
      { heading: 'note', align: 'left' },
    ] as const;
    const rows = [
      ['a', '10', 'x'],
      ['longer', '5', ''],
    ];
    expect(tableOf(columns, rows)).toBe(
      ['name     n  note', '------  --  ----', 'a       10  x', 'longer   5'].join('\n'),
    );
  });
});

const api = {
  name: 'card-api',
  callsPerItem: 1,
  bytesIn: 35_000,
  bytesOut: 1_000,
  latencyMs: 2_700,
};
const limited = { ...api, rates: [{ perSecond: 10, burst: 20 }] };

describe('the report', () => {
  const text = report(forecast(cards(2_700, { upstreams: [limited] })));

  it('says how long, how much, what it costs and beside whom', () => {
    expect(text).toContain(
      'recommend-cards: 2,000,000 items in 20,000 slices of 100, 1 at a time in each worker',
    );
    expect(text).toMatch(/^ +20 +3 d 3 h +7.4 +[\d.]+ {2}the slots: more workers would help$/m);
    expect(text).toMatch(/^adaptive: 27 +2 d 8 h +9.95 +[\d.]+ {2}the limit of card-api, 10\/s$/m);
    expect(text).toMatch(/^ +20 +7.4 +20 +2.07 +0.0592 +639,645 +23 GB$/m);
    expect(text).toContain('In all about 2,000,000 requests, 70 GB in, 2 GB out.');
    expect(text).toMatch(/^DynamoDB +reads +[\d,]+ {2}read request unit +[\d.]+$/m);
    expect(text).toMatch(/^Step Functions Distributed Map, Standard +[\d.]+ +1.00 +[\d.]+$/m);
    expect(text).toMatch(/List prices of us-east-1 on \d{4}-\d\d-\d\d/);
    expect(text).toContain('- with up to 1 worker it takes longer than the 30 days that a job is kept');
  });

  it('is aligned and fits a terminal', () => {
    for (const line of text.split('\n').filter((one) => !one.startsWith('- '))) {
      expect(line.length).toBeLessThanOrEqual(110);
      expect(line).toBe(line.trimEnd());
    }
  });

  it('does without upstreams', () => {
    expect(report(forecast(cards(2_700, { upstreams: [] })))).not.toContain('Load on');
  });
});

describe('the letter', () => {
  const plan = forecast(cards(2_700, { upstreams: [limited] }));
  const text = letter(plan, {
    upstream: 'card-api',
    from: 'Acme',
    contact: 'ops@acme.example',
    startsAt: '2026-12-01T03:00:00+01:00',
  });

  it.each([
    'Subject: About 2,000,000 requests to card-api, 2026-12-01 02:00 UTC',
    'Acme will run a batch (recommend-cards, 2,000,000 items)',
    'Peak: about 9.95 requests per second, from 27 workers, with about 26.9 under way',
    'all workers together: 10 a second, 20 at once',
    'In total: about 2,000,000 requests; 70 GB from you, 2 GB to you',
    'Per day: at most about 859,686 requests and 30.9 GB',
    '2.79 Mbit/s from you',
    'Retries are at most a tenth of the requests',
    'all our workers stop calling you for as long as it says',
    'write to ops@acme.example',
    'User-Agent: spillway',
  ])('says: %s', (part) => {
    expect(text).toContain(part);
  });

  it('promises no common pause where there is no shared rate', () => {
    const open = letter(forecast(cards(2_700, { upstreams: [api] })), { upstream: 'card-api' });
    expect(open).not.toContain('all our workers stop');
    expect(open).toContain('We know of no limit on your side');
    expect(open).toContain('at a time to be agreed');
  });

  it('is written for another number of workers on request', () => {
    expect(letter(plan, { upstream: 'card-api', workers: 5 })).toContain(
      'about 1.85 requests per second, from 5 workers',
    );
  });

  it('refuses what the plan does not know, and dates that are none', () => {
    expect(() => letter(plan, { upstream: 'serper' })).toThrow("no upstream 'serper'; it has: card-api");
    expect(() => letter(plan, { upstream: 'card-api', startsAt: 'soon' })).toThrow("but was 'soon'");
    expect(() => letter(plan, { upstream: 'card-api', workers: 7 })).toThrow(
      'There is no forecast for 7 workers',
    );
  });
});
