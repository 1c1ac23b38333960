// A character class of a regular expression of Java, `[a-z&&[^b]\d]`, in JavaScript's words (with the flag v, which knows nested classes
// and intersections as well).
import { characterEscapeAt, classEscapeAt } from './java-escape.ts';
import { InvalidRegex, literal, type Scanner } from './regex-scanner.ts';

/** Behind the opening bracket; the closing one is taken. Throws InvalidRegex, UntranslatableRegex. */
export function classAt(scanner: Scanner): string {
  const isNegated = scanner.take('^');
  const operands: string[] = [];
  let union = '';
  let isFirst = true;
  for (; isFirst || !scanner.take(']'); isFirst = false) {
    if (scanner.isAtEnd) throw new InvalidRegex('Unclosed character class');
    if (!isFirst && scanner.take('&&')) {
      operands.push(union);
      union = '';
    } else {
      union += memberAt(scanner);
    }
  }
  operands.push(union);
  // Nothing behind && changes nothing.
  const sides = operands.filter((one) => one !== '').map((one) => `[${one}]`);
  const inner = sides.length > 1 ? sides.join('&&') : (sides[0] as string).slice(1, -1);
  return `[${isNegated ? '^' : ''}${inner}]`;
}

/** One character, a range, a class within, or what \Q…\E quotes. */
function memberAt(scanner: Scanner): string {
  const quoted = scanner.quotedText();
  if (quoted !== undefined) return [...quoted].map(literal).join('');
  if (scanner.take('[')) return classAt(scanner);
  if (scanner.match(/\\(?=[dDsSwWhHvVpP])/y) !== undefined) return classEscapeAt(scanner) as string;
  const from = characterAt(scanner);
  // Before a bracket the hyphen is one itself.
  if (scanner.match(/-(?=[^\][])/y) === undefined) return from;
  const to = characterAt(scanner);
  if (codeOf(to) < codeOf(from)) throw new InvalidRegex('Illegal character range');
  return `${from}-${to}`;
}

function characterAt(scanner: Scanner): string {
  if (!scanner.take('\\')) return literal(scanner.next());
  const found = characterEscapeAt(scanner);
  if (found === undefined) throw new InvalidRegex('Illegal/unsupported escape sequence');
  return found;
}

function codeOf(source: string): number {
  const hex = /^\\u\{([0-9a-f]+)\}$/.exec(source)?.[1];
  return hex === undefined ? source.charCodeAt(0) : Number.parseInt(hex, 16);
}
