/** Numbers for people. All figures are estimates, so three digits are enough. */

const minute = 60;
const hour = 3_600;
const day = 86_400;

/** `12,345`. */
export function countText(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Three digits at most, without trailing zeros: `7.41`, `0.0123`, `1,230`. */
export function numberText(value: number): string {
  if (value === 0) return '0';
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

/** `42 s`, `12 min`, `3 h 5 min`, `2 d 3 h`. */
export function durationText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 2 * minute) return `${numberText(seconds)} s`;
  if (seconds < 2 * hour) return `${Math.round(seconds / minute)} min`;
  const [large, small, unit, subunit] =
    seconds < 2 * day ? [hour, minute, 'h', 'min'] : [day, hour, 'd', 'h'];
  const rounded = Math.round(seconds / small);
  const [whole, rest] = [Math.floor(rounded / (large / small)), rounded % (large / small)];
  return rest === 0 ? `${countText(whole)} ${unit}` : `${countText(whole)} ${unit} ${rest} ${subunit}`;
}

/** Decimal units, as in networking and bills: `71.7 GB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let at = 0;
  while (value >= 999.5 && at < units.length - 1) {
    value /= 1000;
    at += 1;
  }
  return `${numberText(value)} ${units[at]}`;
}

/** To the cent; below one cent, two digits: `1,234.50`, `0.0012`. */
export function usdText(usd: number): string {
  if (usd === 0) return '0';
  if (usd < 0.01) return usd.toLocaleString('en-US', { maximumSignificantDigits: 2 });
  return usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
