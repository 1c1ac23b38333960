// Where a share group begins that has read nothing yet, as share.auto.offset.reset says it (KIP-932; Kafka:
// ShareGroupAutoOffsetResetStrategy).

/** `durationMs`: that long before it begins. */
export type StartsAt = 'earliest' | 'latest' | { readonly durationMs: number };

const BY_DURATION = 'by_duration:';
const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;
const MS_PER_SECOND = 1_000;
const MS_PER_MINUTE = 60 * MS_PER_SECOND;
const MS_PER_HOUR = 60 * MS_PER_MINUTE;
const MS_PER_DAY = 24 * MS_PER_HOUR;

/** `text` has been accepted as a config; what cannot be read is `latest`, the default. */
export function startsAtOf(text: string): StartsAt {
  const value = text.toLowerCase();
  if (value === 'earliest') return 'earliest';
  const found = value.startsWith(BY_DURATION) ? DURATION.exec(value.slice(BY_DURATION.length)) : null;
  if (found === null) return 'latest';
  const [, days = '0', hours = '0', minutes = '0', seconds = '0'] = found;
  const durationMs =
    Number(days) * MS_PER_DAY +
    Number(hours) * MS_PER_HOUR +
    Number(minutes) * MS_PER_MINUTE +
    Math.floor(Number(seconds) * MS_PER_SECOND);
  return { durationMs };
}
