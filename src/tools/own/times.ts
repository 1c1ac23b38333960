// Points in time as people write them on a command line: milliseconds or seconds since 1970, a day, a time in ISO 8601, a duration
// from now (`-1h`), `now`.
import { parseDurationMs } from '../terminal/duration.ts';

/** Milliseconds since the epoch; undefined: it is no time. A day and a time without a zone are in UTC. */
export function parseTimeMs(text: string): number | undefined {
  if (/^\d{13}$/.test(text)) return Number(text);
  if (/^\d{10}$/.test(text)) return Number(text) * 1000;
  if (/^\d{19}$/.test(text)) return Math.floor(Number(text) / 1e6);
  const found = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/.exec(text);
  if (found === null) return undefined;
  const [, day, time = '00:00', zone = 'Z'] = found;
  const ms = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** A time, `now`, or a duration relative to `nowMs`. */
export function parsePointInTimeMs(text: string, nowMs: number): number | undefined {
  if (text === 'now') return nowMs;
  const time = parseTimeMs(text);
  if (time !== undefined) return time;
  const duration = parseDurationMs(text);
  return duration === undefined ? undefined : nowMs + duration;
}

/** `2026-11-29T10:00:00.123Z`; `-` for a time that nobody has. */
export function shownTime(ms: number | bigint): string {
  const number = Number(ms);
  if (number < 0) return '-';
  const date = new Date(number);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
