// Times that people write and read: durations as Go and rpk have them (`1h30m`, `-5m`, `250ms`, and days), and amounts of bytes.

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds, possibly negative; undefined: it is no duration. */
export function parseDurationMs(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|ms|s|m|hr|h|d))+$/.test(rest)) return undefined;
  let sum = 0;
  for (const [, amount = '', unit = ''] of rest.matchAll(/(\d+(?:\.\d+)?)(ns|us|ms|s|m|hr|h|d)/g)) {
    sum += Number(amount) * (UNITS[unit === 'hr' ? 'h' : unit] ?? 0);
  }
  return sign * sum;
}

/** `850ms`, `12.3s`, `4m05s`, `3h07m`, `2d04h`. */
export function shownDuration(ms: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)}m${two((ms % 60_000) / 1000)}s`;
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)}h${two((ms % 3_600_000) / 60_000)}m`;
  return `${Math.floor(ms / 86_400_000)}d${two((ms % 86_400_000) / 3_600_000)}h`;
}

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** In powers of 1000, three digits: `1.23MB`. */
export function shownBytes(bytes: number): string {
  let rest = bytes;
  let at = 0;
  while (rest >= 1000 && at < SIZES.length - 1) {
    rest /= 1000;
    at += 1;
  }
  const digits = at === 0 || rest >= 100 ? 0 : rest >= 10 ? 1 : 2;
  return `${rest.toFixed(digits)}${SIZES[at]}`;
}
