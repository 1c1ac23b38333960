// Times and durations on the command line, as Java reads them (Utils.getDateTime, Duration.parse).
import { JavaError } from './java-error.ts';

const WHEN = /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\.(\d+)(Z|[-+]\d\d(?::?\d\d)?)$/;

/** Milliseconds since 1970 of `2026-11-29T12:00:00.000`, in UTC unless a zone stands behind it. Throws JavaError. */
export function timestampMs(text: string): number {
  const [, time] = text.split('T');
  if (time === undefined || time === '') {
    throw parseFailure("Error parsing timestamp. It does not contain a 'T' according to ISO8601 format");
  }
  const whole = /[-+Z]/.test(time) ? text : `${text}Z`;
  const found = WHEN.exec(whole);
  if (found === null) throw parseFailure(`Unparseable date: "${whole}"`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milli = 0] = found.slice(1, 8).map(Number);
  const timeMs = Date.UTC(year, month - 1, day, hour, minute, second, milli);
  const isStrict = month >= 1 && month <= 12 && day >= 1 && hour < 24 && minute < 60 && second < 60 && milli < 1000;
  if (!isStrict || new Date(timeMs).getUTCDate() !== day) throw parseFailure(`Unparseable date: "${whole}"`);
  return timeMs - zoneMs(found[8] ?? 'Z');
}

function zoneMs(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3).replace(':', '') || 0);
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** What the tools wrap it in. */
const parseFailure = (message: string): JavaError =>
  new JavaError('java.lang.RuntimeException', `java.text.ParseException: ${message}`);

const DURATION = /^([-+]?)P(?:([-+]?\d+)D)?(T(?:([-+]?\d+)H)?(?:([-+]?\d+)M)?(?:([-+]?\d+)(?:[.,](\d{0,9}))?S)?)?$/i;

/** Of `PnDTnHnMn.nS`. Throws JavaError. */
export function durationMs(text: string): number {
  const found = DURATION.exec(text);
  const [, sign, days, time, hours, minutes, seconds, fraction = ''] = found ?? [];
  const isEmpty = [days, hours, minutes, seconds].every((part) => part === undefined);
  if (found === null || isEmpty || time?.toUpperCase() === 'T') {
    throw new JavaError('java.time.format.DateTimeParseException', 'Text cannot be parsed to a Duration');
  }
  const whole = ((Number(days ?? 0) * 24 + Number(hours ?? 0)) * 60 + Number(minutes ?? 0)) * 60_000;
  const milli = Number(fraction.padEnd(3, '0').slice(0, 3)) * (seconds?.startsWith('-') === true ? -1 : 1);
  const total = whole + Number(seconds ?? 0) * 1000 + milli;
  return sign === '-' ? -total : total;
}
