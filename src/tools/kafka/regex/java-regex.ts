// A regular expression of java.util.regex as one of JavaScript's. Most of what people write means the same in both; what does not is
// put in other words here, and what JavaScript has no words for (possessive quantifiers, atomic groups, flags in the middle, \G, \X,
// blocks of Unicode) is refused by name. One difference stays: a back reference to a group that has not taken part matches nothing
// at all in Java, and the empty text here.
import { classAt } from './java-class.ts';
import { escapeAt } from './java-escape.ts';
import { TEXT_END, LAST_LINE_END, LINE_ENDS, TEXT_START } from './regex-ends.ts';
import { InvalidRegex, literal, RegexScanner, type Scanner, UntranslatableRegex } from './regex-scanner.ts';

/** Finds what Java's Pattern.compile(pattern) finds. Throws InvalidRegex, UntranslatableRegex. */
export function javaRegex(pattern: string): RegExp {
  const { source, flags } = translated(pattern);
  return new RegExp(source, flags);
}

/** Takes a text as a whole, as String.matches does. Throws InvalidRegex, UntranslatableRegex. */
export function javaWholeRegex(pattern: string): RegExp {
  const { source, flags } = translated(pattern);
  const [start, end] = flags.includes('m') ? [TEXT_START, TEXT_END] : ['^', '$'];
  return new RegExp(`${start}(?:${source})${end}`, flags);
}

/** What a user is told. */
export function untranslatable(pattern: string, { message }: UntranslatableRegex): string {
  return `The regular expression ${pattern} has ${message}, which only the JVM knows: say it in another way.`;
}

function translated(pattern: string): { readonly source: string; readonly flags: string } {
  const leading = /^\(\?([a-zA-Z]+)\)/.exec(pattern);
  const letters = leading?.[1] ?? '';
  const stranger = [...letters].find((letter) => !'idmsuxU'.includes(letter));
  if (stranger !== undefined) throw new InvalidRegex(`Unknown inline modifier ${stranger}`);
  if (letters.includes('x')) throw new UntranslatableRegex('comments in it ((?x))');
  if (letters.includes('U')) throw new UntranslatableRegex("Unicode's character classes ((?U))");
  const scanner = new RegexScanner(pattern, leading?.[0].length ?? 0);
  const translation = new Translation(scanner, letters);
  const source = translation.whole();
  const flags = `v${letters.includes('i') ? 'i' : ''}${letters.includes('m') ? 'm' : ''}`;
  try {
    new RegExp(source, flags);
  } catch (error) {
    if (error instanceof SyntaxError) throw new InvalidRegex(error.message);
    throw error;
  }
  return { source, flags };
}

class Translation {
  readonly #scanner: Scanner;
  readonly #letters: string;
  /** Groups that have begun. */
  #groups = 0;

  constructor(scanner: Scanner, letters: string) {
    this.#scanner = scanner;
    this.#letters = letters;
  }

  whole(): string {
    const source = this.#alternatives();
    if (!this.#scanner.isAtEnd) throw new InvalidRegex("Unmatched closing ')'");
    return source;
  }

  /** Up to what closes the group, or the end. */
  #alternatives(): string {
    const scanner = this.#scanner;
    const parts = [this.#sequence()];
    while (scanner.take('|')) parts.push(this.#sequence());
    return parts.join('|');
  }

  #sequence(): string {
    const scanner = this.#scanner;
    let source = '';
    while (!scanner.isAtEnd && !'|)'.includes(scanner.peek())) source += this.#quantified();
    return source;
  }

  #quantified(): string {
    const scanner = this.#scanner;
    const quotes = scanner.quotedText();
    if (quotes !== undefined) {
      const letters = [...quotes];
      const last = letters.pop();
      return letters.map(literal).join('') + (last === undefined ? '' : this.#repeated(literal(last), false));
    }
    const { source, isAssertion } = this.#atom();
    return this.#repeated(source, isAssertion);
  }

  #repeated(source: string, isAssertion: boolean): string {
    const quantifier = this.#quantifier();
    if (quantifier === '') return source;
    return `${isAssertion ? `(?:${source})` : source}${quantifier}`;
  }

  #quantifier(): string {
    const scanner = this.#scanner;
    const found = scanner.match(/[*+?]|\{\d+(?:,\d*)?\}/y);
    if (found === undefined) {
      if (!scanner.isAtEnd && scanner.peek() === '{') throw new InvalidRegex('Illegal repetition');
      return '';
    }
    const [, lowest, highest] = /^\{(\d+),(\d+)\}$/.exec(found) ?? [];
    if (lowest !== undefined && Number(lowest) > Number(highest)) throw new InvalidRegex('Illegal repetition range');
    if (scanner.take('+')) throw new UntranslatableRegex(`a possessive quantifier (${found}+)`);
    return scanner.take('?') ? `${found}?` : found;
  }

  #atom(): { readonly source: string; readonly isAssertion: boolean } {
    const scanner = this.#scanner;
    const isMultiline = this.#letters.includes('m');
    const found = scanner.next();
    switch (found) {
      case '(':
        return this.#group();
      case '[':
        return { source: classAt(scanner), isAssertion: false };
      case '\\':
        return escapeAt(scanner, this.#groups);
      case '.':
        return { source: this.#anyCharacter(), isAssertion: false };
      case '^':
        return { source: isMultiline ? '^' : TEXT_START, isAssertion: true };
      case '$':
        return { source: isMultiline ? '$' : LAST_LINE_END, isAssertion: true };
      case '*':
      case '+':
      case '?':
        throw new InvalidRegex(`Dangling meta character '${found}'`);
      case '{':
        throw new InvalidRegex('Illegal repetition');
      default:
        return { source: literal(found), isAssertion: false };
    }
  }

  #anyCharacter(): string {
    if (this.#letters.includes('s')) return '[\\s\\S]';
    return this.#letters.includes('d') ? '[^\\n]' : `[^${LINE_ENDS}]`;
  }

  #group(): { readonly source: string; readonly isAssertion: boolean } {
    const scanner = this.#scanner;
    const opening = scanner.match(/\?(?:<[=!]|<[a-zA-Z][a-zA-Z0-9]*>|[:=!>])/y);
    if (opening === undefined && scanner.match(/\?/y) !== undefined) {
      if (scanner.match(/-?[idmsuxU]+(?:-[idmsuxU]+)?[:)]/y) !== undefined) {
        throw new UntranslatableRegex('flags that are not at its start ((?i) and the like)');
      }
      throw new InvalidRegex('Unknown group');
    }
    if (opening === '?>') throw new UntranslatableRegex('an atomic group ((?>…))');
    const isAssertion = opening !== undefined && ['?<=', '?<!', '?=', '?!'].includes(opening);
    if (!isAssertion && opening !== '?:') this.#groups++;
    const inner = this.#alternatives();
    if (!scanner.take(')')) throw new InvalidRegex('Unclosed group');
    return { source: `(${opening ?? ''}${inner})`, isAssertion };
  }
}
