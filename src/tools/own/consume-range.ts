// Where `consume` begins and ends: rpk's forms of --offset, and --from/--until with times. Pure: what has to be asked of the cluster is
// asked by whoever resolves a range.
import { parseDurationMs } from '../terminal/duration.ts';
import { parsePointInTimeMs, parseTimeMs } from './times.ts';

export type RangeStart =
  | { readonly kind: 'start'; readonly plus: number }
  | { readonly kind: 'end'; readonly minus: number }
  | { readonly kind: 'at'; readonly offset: number }
  | { readonly kind: 'time'; readonly ms: number };

export type RangeEnd =
  | { readonly kind: 'never' }
  | { readonly kind: 'end' }
  | { readonly kind: 'at'; readonly offset: number }
  | { readonly kind: 'time'; readonly ms: number };

export interface ConsumeRange {
  readonly start: RangeStart;
  readonly end: RangeEnd;
}

/** A mistake in -o, --from or --until; the message is for the user. */
export class RangeMistake extends Error {}

const NEVER: RangeEnd = { kind: 'never' };

/** `start end 47 47: :47 10:20 +2 -3 :end 5:end @time @time: @:time @time:time`. Throws RangeMistake. */
export function parseOffsetRange(text: string, nowMs: number): ConsumeRange {
  if (text.startsWith('@')) return timeRange(text.slice(1), nowMs);
  if (text === 'start' || text === 'oldest') return { start: { kind: 'start', plus: 0 }, end: NEVER };
  if (text === 'end' || text === 'newest') return { start: { kind: 'end', minus: 0 }, end: NEVER };
  if (/^\+\d+$/.test(text)) return { start: { kind: 'start', plus: Number(text) }, end: NEVER };
  if (/^-\d+$/.test(text)) return { start: { kind: 'end', minus: -Number(text) }, end: NEVER };
  if (/^\d+$/.test(text)) return { start: { kind: 'at', offset: Number(text) }, end: NEVER };
  const found = /^(\d*)[:-](\d*|end)$/.exec(text);
  if (found === null || text === ':' || text === '-') throw unknown(text);
  const [, from = '', to = ''] = found;
  const start: RangeStart = from === '' ? { kind: 'start', plus: 0 } : { kind: 'at', offset: Number(from) };
  if (to === '') return { start, end: NEVER };
  if (to === 'end') return { start, end: { kind: 'end' } };
  if (Number(to) <= Number(from))
    throw new RangeMistake(`--offset ${text}: the end ${to} is not behind the start ${from}`);
  return { start, end: { kind: 'at', offset: Number(to) } };
}

function unknown(text: string): RangeMistake {
  return new RangeMistake(
    `--offset ${text} is none of start, end, 47, 47:, :47, 10:20, +2, -3, :end, @TIME, @TIME:TIME`,
  );
}

/** Times may hold colons themselves, so the first one is what can be read as a time. */
function timeRange(text: string, nowMs: number): ConsumeRange {
  if (text.startsWith(':')) return { start: { kind: 'start', plus: 0 }, end: timeEnd(text.slice(1), nowMs, text) };
  const { ms, length, isDuration } = timeAt(text, nowMs);
  const rest = text.slice(length);
  const start: RangeStart = { kind: 'time', ms };
  if (rest === '' || rest === ':') return { start, end: NEVER };
  // A duration behind a time counts from that time, behind a duration from now.
  return { start, end: timeEnd(rest.slice(1), isDuration ? nowMs : ms, text) };
}

function timeEnd(text: string, baseMs: number, whole: string): RangeEnd {
  if (text === 'end') return { kind: 'end' };
  const ms = parsePointInTimeMs(text, baseMs);
  if (ms === undefined) throw new RangeMistake(`--offset @${whole}: ${JSON.stringify(text)} is no time`);
  return { kind: 'time', ms };
}

function timeAt(text: string, nowMs: number): { ms: number; length: number; isDuration: boolean } {
  for (let length = text.length; length > 0; length--) {
    if (length < text.length && text[length] !== ':') continue;
    const part = text.slice(0, length);
    const time = parseTimeMs(part);
    if (time !== undefined) return { ms: time, length, isDuration: false };
    const duration = parseDurationMs(part);
    if (duration !== undefined) return { ms: nowMs + duration, length, isDuration: true };
  }
  throw new RangeMistake(
    `--offset @${text}: write milliseconds, seconds, a day (2026-11-29), a time (2026-11-29T10:00:00Z) or a duration (-1h)`,
  );
}

/** --from and --until: a time, a duration from now, `now`; `start` and `end` mean what they mean for -o. Throws RangeMistake. */
export function parseTimeBounds(from: string | undefined, until: string | undefined, nowMs: number): ConsumeRange {
  const start = from === undefined || from === 'start' ? undefined : pointOf('--from', from, nowMs);
  const end = until === undefined || until === 'end' ? undefined : pointOf('--until', until, nowMs);
  if (start !== undefined && end !== undefined && end <= start) throw new RangeMistake('--until is not behind --from');
  return {
    start: start === undefined ? { kind: 'start', plus: 0 } : { kind: 'time', ms: start },
    end: end === undefined ? (until === 'end' ? { kind: 'end' } : NEVER) : { kind: 'time', ms: end },
  };
}

function pointOf(flag: string, text: string, nowMs: number): number {
  const ms = parsePointInTimeMs(text, nowMs);
  if (ms !== undefined) return ms;
  throw new RangeMistake(`${flag} ${text}: write a time (2026-11-29T10:00:00Z), a duration from now (-1h) or now`);
}
