// JSON printed as Jackson prints it: no blanks, non-ASCII as it is, control characters in capital hex, a fraction as
// java.lang.Double shows it.
import { type Json, JsonNumber } from './json-value.ts';

export type NumberStyle = (number: JsonNumber) => string;

/** Integers digit by digit, fractions as doubles: what a tree of Jackson with default settings prints. */
const javaNumber: NumberStyle = (number) =>
  number.isInteger ? BigInt(number.text).toString() : javaDouble(number.value);

/** `1.0`, `0.001`, `1.0E7`, `1.0E-4`; what is no number stands in quotes. */
function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return `"${value}"`;
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) {
    const text = String(value);
    return text.includes('.') ? text : `${text}.0`;
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
}

/** Fractions with all their digits, as java.math.BigDecimal shows them: `1.50`, `1E+2`. */
export const exactNumber: NumberStyle = ({ isInteger, text }) => {
  if (isInteger) return BigInt(text).toString();
  const [mantissa = '', power = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const unscaled = BigInt(whole + fraction);
  const scale = fraction.length - Number(power);
  const sign = unscaled < 0n || (whole.startsWith('-') && unscaled !== 0n) ? '-' : '';
  const digits = String(unscaled < 0n ? -unscaled : unscaled);
  const exponent = digits.length - 1 - scale;
  if (scale >= 0 && exponent >= -6) {
    const padded = digits.padStart(scale + 1, '0');
    const point = padded.length - scale;
    return sign + padded.slice(0, point) + (scale === 0 ? '' : `.${padded.slice(point)}`);
  }
  const rest = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${sign}${digits.slice(0, 1)}${rest}E${exponent >= 0 ? '+' : ''}${exponent}`;
};

const CONTROL = /\\u00[01][\da-f]/g;

export function printString(text: string): string {
  return JSON.stringify(text).replace(CONTROL, (escape, at: number, all: string) =>
    isEscaped(all, at) ? escape : `\\u${escape.slice(2).toUpperCase()}`,
  );
}

/** Whether the backslash at this place is itself escaped. */
function isEscaped(text: string, at: number): boolean {
  let before = 0;
  while (text[at - 1 - before] === '\\') before++;
  return before % 2 === 1;
}

export function printJson(value: Json, style: NumberStyle = javaNumber): string {
  const parts: string[] = [];
  print(value, style, parts);
  return parts.join('');
}

function print(value: Json, style: NumberStyle, parts: string[]): void {
  if (value === null || typeof value === 'boolean') parts.push(String(value));
  else if (typeof value === 'string') parts.push(printString(value));
  else if (value instanceof JsonNumber) parts.push(style(value));
  else if (Array.isArray(value)) {
    value.forEach((item, at) => {
      parts.push(at === 0 ? '[' : ',');
      print(item, style, parts);
    });
    parts.push(value.length === 0 ? '[]' : ']');
  } else {
    let mark = '{';
    for (const [key, item] of value) {
      parts.push(mark, printString(key), ':');
      print(item, style, parts);
      mark = ',';
    }
    parts.push(value.size === 0 ? '{}' : '}');
  }
}
