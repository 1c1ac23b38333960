// Values of flags that are neither texts nor numbers.
import { parseDurationMs } from '../terminal/duration.ts';
import { Failure } from './failure.ts';

/** Milliseconds of `30s`, `5m`, `250ms`; a number alone is milliseconds. Throws Failure. */
export function durationFlag(text: string, flag: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) : parseDurationMs(text);
  if (ms === undefined || ms < 0) throw new Failure(`${flag} ${text} is no duration, as 30s, 5m or 250ms are`);
  return ms;
}

/** `key:value`, several times. Throws Failure. */
export function headersFlag(flag: string, pairs: readonly string[]): { key: string; value: Buffer }[] {
  return pairs.map((pair) => {
    const at = pair.search(/[:=]/);
    if (at <= 0) throw new Failure(`${flag} ${JSON.stringify(pair)} is not KEY:VALUE`);
    return { key: pair.slice(0, at), value: Buffer.from(pair.slice(at + 1)) };
  });
}
