// Times in record formats: `%d{strftime[%F %T]}` and `%d{go[2006-01-02]}`, in UTC.
import { FormatMistake, wrappedContent } from './record-format.ts';

/** undefined: the modifier is none of times. Throws FormatMistake. */
export function timePrinter(modifier: string): ((ms: number) => string) | undefined {
  const strftime = wrappedContent(modifier, 'strftime');
  if (strftime !== undefined) return (ms) => strftimeText(strftime, new Date(ms));
  const go = wrappedContent(modifier, 'go');
  return go === undefined ? undefined : (ms) => goText(go, new Date(ms));
}

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');
const hour12 = (date: Date): number => date.getUTCHours() % 12 || 12;
const dayOfYear = (date: Date): number =>
  Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;
const month = (date: Date): string => MONTHS[date.getUTCMonth()] as string;
const day = (date: Date): string => DAYS[date.getUTCDay()] as string;

const STRFTIME: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => pad(date.getUTCFullYear(), 4),
  y: (date) => pad(date.getUTCFullYear() % 100),
  C: (date) => pad(Math.floor(date.getUTCFullYear() / 100)),
  m: (date) => pad(date.getUTCMonth() + 1),
  B: month,
  b: (date) => month(date).slice(0, 3),
  h: (date) => month(date).slice(0, 3),
  d: (date) => pad(date.getUTCDate()),
  e: (date) => String(date.getUTCDate()).padStart(2),
  j: (date) => pad(dayOfYear(date), 3),
  A: day,
  a: (date) => day(date).slice(0, 3),
  u: (date) => String(date.getUTCDay() || 7),
  w: (date) => String(date.getUTCDay()),
  H: (date) => pad(date.getUTCHours()),
  I: (date) => pad(hour12(date)),
  k: (date) => String(date.getUTCHours()).padStart(2),
  l: (date) => String(hour12(date)).padStart(2),
  M: (date) => pad(date.getUTCMinutes()),
  S: (date) => pad(date.getUTCSeconds()),
  f: (date) => pad(date.getUTCMilliseconds() * 1000, 6),
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  z: () => '+0000',
  Z: () => 'UTC',
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  n: () => '\n',
  t: () => '\t',
  '%': () => '%',
};

const COMPOSED: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
  c: '%a %b %e %H:%M:%S %Y',
  v: '%e-%b-%Y',
  r: '%I:%M:%S %p',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
};

function strftimeText(format: string, date: Date): string {
  return format.replace(/%(.)/gs, (_, letter: string) => {
    const composed = COMPOSED[letter];
    if (composed !== undefined) return strftimeText(composed, date);
    const print = STRFTIME[letter];
    if (print === undefined) throw new FormatMistake(`strftime has no %${letter}`);
    return print(date);
  });
}

/** Go's reference time, its parts from the longest to the shortest where one begins like another. */
const GO: readonly (readonly [string, (date: Date) => string])[] = [
  ['January', month],
  ['Jan', (date) => month(date).slice(0, 3)],
  ['Monday', day],
  ['Mon', (date) => day(date).slice(0, 3)],
  ['MST', () => 'UTC'],
  ['2006', (date) => pad(date.getUTCFullYear(), 4)],
  ['002', (date) => pad(dayOfYear(date), 3)],
  ['01', (date) => pad(date.getUTCMonth() + 1)],
  ['02', (date) => pad(date.getUTCDate())],
  ['03', (date) => pad(hour12(date))],
  ['04', (date) => pad(date.getUTCMinutes())],
  ['05', (date) => pad(date.getUTCSeconds())],
  ['06', (date) => pad(date.getUTCFullYear() % 100)],
  ['15', (date) => pad(date.getUTCHours())],
  ['PM', (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM')],
  ['pm', (date) => (date.getUTCHours() < 12 ? 'am' : 'pm')],
  ['-07:00', () => '+00:00'],
  ['Z07:00', () => 'Z'],
  ['Z0700', () => 'Z'],
  ['-0700', () => '+0000'],
  ['_2', (date) => String(date.getUTCDate()).padStart(2)],
  ['1', (date) => String(date.getUTCMonth() + 1)],
  ['2', (date) => String(date.getUTCDate())],
  ['3', (date) => String(hour12(date))],
  ['4', (date) => String(date.getUTCMinutes())],
  ['5', (date) => String(date.getUTCSeconds())],
];

function goText(format: string, date: Date): string {
  let text = '';
  let at = 0;
  while (at < format.length) {
    const fraction = /^[.,](0+|9+)(?!\d)/.exec(format.slice(at));
    if (fraction !== null) {
      text += fractionText(fraction[0], date);
      at += fraction[0].length;
      continue;
    }
    const found = GO.find(([part]) => format.startsWith(part, at));
    text += found === undefined ? format.charAt(at) : found[1](date);
    at += found?.[0].length ?? 1;
  }
  return text;
}

/** `.000` has always as many digits, `.999` none that are zero at the end. */
function fractionText(form: string, date: Date): string {
  const digits = pad(date.getUTCMilliseconds(), 3)
    .padEnd(9, '0')
    .slice(0, form.length - 1);
  if (form.charAt(1) === '0') return form.charAt(0) + digits;
  const short = digits.replace(/0+$/, '');
  return short === '' ? '' : form.charAt(0) + short;
}
