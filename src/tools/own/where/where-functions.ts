// Functions of conditions. What they cannot do anything with gives null.
import { parseTimeMs } from '../times.ts';
import type { Value } from './record-facts.ts';

type Call = (values: readonly Value[]) => Value;

const onText =
  (call: (text: string) => Value): Call =>
  ([value]) =>
    typeof value === 'string' ? call(value) : null;

const onNumber =
  (call: (number: number) => Value): Call =>
  ([value]) =>
    typeof value === 'number' ? call(value) : null;

export const FUNCTIONS: Readonly<Record<string, Call>> = {
  exists: ([value]) => value !== null && value !== undefined,
  length: ([value]) => (typeof value === 'string' || Array.isArray(value) ? value.length : null),
  lower: onText((text) => text.toLowerCase()),
  upper: onText((text) => text.toUpperCase()),
  trim: onText((text) => text.trim()),
  number: ([value]) => {
    const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
    return Number.isNaN(number) ? null : number;
  },
  text: ([value]) =>
    value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value),
  abs: onNumber(Math.abs),
  floor: onNumber(Math.floor),
  round: onNumber(Math.round),
  /** Milliseconds of `2026-11-29T10:00:00Z`, to be compared with `timestamp`. */
  time: onText((text) => parseTimeMs(text) ?? null),
};
