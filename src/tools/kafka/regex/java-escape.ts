// What stands behind a backslash in a regular expression of Java, in JavaScript's words (with the flag v).
import { TEXT_END, LAST_LINE_END, TEXT_START } from './regex-ends.ts';
import { InvalidRegex, literal, type Scanner, UntranslatableRegex } from './regex-scanner.ts';

interface Atom {
  readonly source: string;
  readonly isAssertion: boolean;
}

const HORIZONTAL = ' \\t\\u{a0}\\u{1680}\\u{180e}\\u{2000}-\\u{200a}\\u{202f}\\u{205f}\\u{3000}';
const VERTICAL = '\\n\\u{b}\\f\\r\\u{85}\\u{2028}\\u{2029}';

/** Classes of ASCII, as Java has them without (?U). */
const CLASSES: Readonly<Record<string, string>> = {
  d: '[0-9]',
  D: '[^0-9]',
  s: '[ \\t\\n\\u{b}\\f\\r]',
  S: '[^ \\t\\n\\u{b}\\f\\r]',
  w: '[a-zA-Z_0-9]',
  W: '[^a-zA-Z_0-9]',
  h: `[${HORIZONTAL}]`,
  H: `[^${HORIZONTAL}]`,
  v: `[${VERTICAL}]`,
  V: `[^${VERTICAL}]`,
};

const PUNCTUATION = '[!-\\/:-@\\[-`\\{-~]';

const POSIX: Readonly<Record<string, string>> = {
  Lower: '[a-z]',
  Upper: '[A-Z]',
  ASCII: '[\\0-\\u{7f}]',
  Alpha: '[a-zA-Z]',
  Digit: '[0-9]',
  Alnum: '[a-zA-Z0-9]',
  Punct: PUNCTUATION,
  Graph: '[!-~]',
  Print: '[ -~]',
  Blank: '[ \\t]',
  Cntrl: '[\\0-\\u{1f}\\u{7f}]',
  XDigit: '[0-9a-fA-F]',
  Space: '[ \\t\\n\\u{b}\\f\\r]',
};

/** Java's names of binary properties that Unicode calls otherwise. */
const PROPERTIES: Readonly<Record<string, string>> = {
  LETTER: 'L',
  DIGIT: 'Nd',
  PUNCTUATION: 'P',
  CONTROL: 'Cc',
  TITLECASE: 'Lt',
  WHITESPACE: 'White_Space',
  HEXDIGIT: 'Hex_Digit',
};

const CHARACTERS: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', a: '\x07', e: '\x1b' };

const ASSERTIONS: Readonly<Record<string, string>> = {
  A: TEXT_START,
  z: TEXT_END,
  Z: LAST_LINE_END,
  b: '\\b',
  B: '\\B',
};

/** Outside of classes, behind the backslash. `groups` have begun so far. Throws InvalidRegex, UntranslatableRegex. */
export function escapeAt(scanner: Scanner, groups: number): Atom {
  const name = scanner.match(/k<[a-zA-Z][a-zA-Z0-9]*>/y);
  if (name !== undefined) return { source: `\\${name}`, isAssertion: false };
  const reference = scanner.match(/[1-9]/y);
  if (reference !== undefined) return { source: referenceTo(scanner, reference, groups), isAssertion: false };
  if (scanner.take('R')) return { source: `(?:\\r\\n|[${VERTICAL}])`, isAssertion: false };
  const shared = classEscapeAt(scanner) ?? characterEscapeAt(scanner);
  if (shared !== undefined) return { source: shared, isAssertion: false };
  const letter = scanner.next();
  const assertion = ASSERTIONS[letter];
  if (assertion !== undefined && !scanner.take('{')) return { source: assertion, isAssertion: true };
  if ('GXbN'.includes(letter)) throw new UntranslatableRegex(`\\${letter}`);
  throw new InvalidRegex('Illegal/unsupported escape sequence');
}

/** More digits belong to it as long as there are so many groups. */
function referenceTo(scanner: Scanner, first: string, groups: number): string {
  let number = Number(first);
  for (;;) {
    const digit = scanner.isAtEnd ? '' : scanner.peek();
    if (!/^\d$/.test(digit) || number * 10 + Number(digit) > groups) break;
    number = number * 10 + Number(scanner.next());
  }
  return number > groups ? '(?!)' : `(?:\\${number})`;
}

/** `\d`, `\p{Alpha}` and so on, wherever they stand; undefined: it is none. */
export function classEscapeAt(scanner: Scanner): string | undefined {
  const letter = scanner.match(/[dDsSwWhHvV]/y);
  if (letter !== undefined) return CLASSES[letter];
  const property = scanner.match(/[pP](?:\{[^}]*\}|[^{])/y);
  return property === undefined ? undefined : propertyOf(property);
}

function propertyOf(text: string): string {
  const name = text.slice(1).replace(/^\{|\}$/g, '');
  const letter = text[0] as string;
  const posix = POSIX[name];
  if (posix !== undefined) return letter === 'p' ? posix : `[^${posix}]`;
  if (/^In|^(?:block|blk)=|^java/.test(name)) throw new UntranslatableRegex(`\\${letter}{${name}}`);
  const bare = name.replace(/^Is(?=.)/, '').replace(/^(?:general_category|gc)=/i, '');
  const known = PROPERTIES[bare.toUpperCase()] ?? bare;
  const spellings = [known, `Script=${known.replace(/^(?:script|sc)=/i, '')}`];
  const found = spellings.map((one) => `\\${letter}{${one}}`).find(isRegex);
  if (found === undefined) throw new InvalidRegex(`Unknown character property name {${name}}`);
  return found;
}

function isRegex(source: string): boolean {
  try {
    new RegExp(source, 'v');
    return true;
  } catch {
    return false;
  }
}

/** `\t`, `\x41`, `\.` and so on, wherever they stand; undefined: it is none. */
export function characterEscapeAt(scanner: Scanner): string | undefined {
  const code = scanner.match(/x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|x\{[0-9a-fA-F]+\}/y);
  if (code !== undefined) return literalOf(Number.parseInt(code.replace(/[xu{}]/g, ''), 16));
  const octal = scanner.match(/0(?:[0-3][0-7]{2}|[0-7]{1,2})/y);
  if (octal !== undefined) return literalOf(Number.parseInt(octal, 8));
  const control = scanner.match(/c[^]/y);
  if (control !== undefined) return literalOf((control.charCodeAt(1) ^ 64) >>> 0);
  const letter = scanner.match(/[tnrfae]/y);
  if (letter !== undefined) return literal(CHARACTERS[letter] as string);
  const other = scanner.match(/[^0-9a-zA-Z]/uy);
  return other === undefined ? undefined : literal(other);
}

function literalOf(codePoint: number): string {
  if (codePoint > 0x10ffff) throw new InvalidRegex('Hexadecimal codepoint is too big');
  return literal(String.fromCodePoint(codePoint));
}
