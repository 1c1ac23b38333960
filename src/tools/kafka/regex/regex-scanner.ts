// Steps through the text of a regular expression of Java.

/** Java does not take it (PatternSyntaxException). */
export class InvalidRegex extends Error {}

/** Java takes it, and JavaScript has nothing that means the same. */
export class UntranslatableRegex extends Error {
  /** `what` it has, as the object of a sentence. */
  constructor(what: string) {
    super(what);
    this.name = 'UntranslatableRegex';
  }
}

export interface Scanner {
  readonly isAtEnd: boolean;
  /** Only where it is not at the end. */
  peek(): string;
  /** The next character, whole where it is two units. Throws InvalidRegex at the end. */
  next(): string;
  /** Steps over the text where it stands next. */
  take(text: string): boolean;
  /** Steps over what the expression (sticky) finds here. */
  match(expression: RegExp): string | undefined;
  /** Steps over \Q…\E, whose end may be missing. */
  quotedText(): string | undefined;
}

export class RegexScanner implements Scanner {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  peek(): string {
    return String.fromCodePoint(this.#text.codePointAt(this.#at) as number);
  }

  next(): string {
    if (this.isAtEnd) throw new InvalidRegex('it ends too early');
    const found = this.peek();
    this.#at += found.length;
    return found;
  }

  take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  quotedText(): string | undefined {
    return this.match(/\\Q[^]*?(?:\\E|$)/y)
      ?.slice(2)
      .replace(/\\E$/, '');
  }
}

/** A character that stands for itself, in a class as well as outside. */
export function literal(character: string): string {
  if (/^[0-9A-Za-z]$/.test(character)) return character;
  return `\\u{${(character.codePointAt(0) as number).toString(16)}}`;
}
