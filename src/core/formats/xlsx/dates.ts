/** The parts of a number that a date format shows. A time is one of a day, and begins anew after 24 hours. */
export type DateKind = 'date' | 'time' | 'datetime' | 'duration';

/** Days from a spreadsheet's day 0 to 1970-01-01, in its two calendars. */
const epoch1900 = 25_569;
const epoch1904 = 24_107;
/** 9999-12-31, the last day that a spreadsheet shows. */
const lastDay = 2_958_465;
const dayMs = 86_400_000;

/** Number formats that every workbook has (ECMA-376, 18.8.30; 27–36 and 50–58 are dates in East Asian locales). */
export function builtInDateKind(id: number): DateKind | undefined {
  if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 58)) return 'date';
  if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id === 45 || id === 47) return 'time';
  if (id === 46) return 'duration';
  return id === 22 ? 'datetime' : undefined;
}

/** What a format code such as `dd/mm/yyyy hh:mm` shows; undefined for numbers. */
export function dateKindOf(formatCode: string): DateKind | undefined {
  const code = formatCode
    .split(';', 1)
    .join()
    .replace(/"[^"]*"|\\.|_.|\*./g, '')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
    .toLowerCase();
  const time = /[hs]|\[m+\]/.test(code);
  const date = /[yd]/.test(code) || (!time && /m/.test(code));
  if (date) return time ? 'datetime' : 'date';
  if (/\[[hms]+\]/.test(code)) return 'duration';
  return time ? 'time' : undefined;
}

/**
 * ISO 8601 without a zone, since a spreadsheet has none: `2026-01-31`, `2026-01-31T08:30:00`, or, for a time,
 * its hours (more than 23 for a duration), minutes and seconds. Shows milliseconds unless they are 0.
 * Undefined for a number outside the range of dates.
 */
export function isoOf(serial: number, kind: DateKind, date1904: boolean): string | undefined {
  if (!(serial >= 0 && serial < lastDay + 1)) return undefined;
  if (kind === 'time' || kind === 'duration') return clock(Math.round(serial * dayMs));
  // The 1900 calendar has a 29th of February that never existed.
  const days = date1904 ? serial - epoch1904 : serial < 60 ? serial + 1 - epoch1900 : serial - epoch1900;
  const ms = Math.round(days * dayMs);
  const timeOfDay = ((ms % dayMs) + dayMs) % dayMs;
  const day = new Date(ms).toISOString().slice(0, 10);
  return kind === 'date' && timeOfDay === 0 ? day : `${day}T${clock(timeOfDay)}`;
}

function clock(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const text = `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}`;
  return ms % 1000 === 0 ? text : `${text}.${String(ms % 1000).padStart(3, '0')}`;
}

const isoDay = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?))?$/;
const isoClock = /^(\d{2,}):(\d{2}):(\d{2}(?:\.\d{1,3})?)$/;

/** The number that {@link isoOf} shows as this text, in the 1900 calendar; undefined for any other text. */
export function serialOf(text: string, kind: DateKind): number | undefined {
  if (kind === 'time' || kind === 'duration') return daysOf(text);
  const [, day, time = '00:00:00'] = isoDay.exec(text) ?? [];
  const midnight = day === undefined ? Number.NaN : Date.parse(day);
  const since1900 = midnight / dayMs + epoch1900;
  // Before March 1900, the calendar is a day off: see isoOf.
  const serial = (since1900 < 61 ? since1900 - 1 : since1900) + (daysOf(time) ?? Number.NaN);
  return serial >= 0 && serial < lastDay + 1 ? serial : undefined;
}

function daysOf(text: string): number | undefined {
  const [, hours, minutes, seconds] = isoClock.exec(text) ?? [];
  if (hours === undefined) return undefined;
  const ms = Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Math.round(Number(seconds) * 1000);
  return ms / dayMs;
}
