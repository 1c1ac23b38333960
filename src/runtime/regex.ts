// Regular expressions that users give (KIP-848 subscriptions, the pattern of ListTransactions, client metrics): in RE2's syntax
// and in linear time, as Apache Kafka takes them through RE2J. They never reach JavaScript's own engine, which an expression
// can keep busy for years. The engine, `re2js`, is loaded when it is first asked for; expressions are then compiled at once.
//
// Beside RE2J 1.8, which Kafka 4.3 has, it is bounded: counted repetitions that come to more than 1,000 in all, and groups
// that nest more than 1,000 deep, are refused; and a `{` that begins no count may be repeated.

export interface Regex {
  /** Whether the whole text is matched. Time and memory are bounded by the length of the text times that of the expression. */
  matches(text: string): boolean;
}

export interface RegexEngine {
  /** Throws InvalidRegexError. */
  compile(pattern: string): Regex;
}

/** The expression is none, or not one of those that are taken. */
export class InvalidRegexError extends Error {
  override readonly name = 'InvalidRegexError';
  /** What is wrong, in RE2J's words, without the place (PatternSyntaxException.getDescription): part of Kafka's error messages. */
  readonly description: string;

  constructor(pattern: string, description: string) {
    super(`\`${pattern}\` is not a valid regular expression: ${description}`);
    this.description = description;
  }
}

/** What RE2J says where re2js has words of its own. */
const WORDS_OF_RE2J: Readonly<Record<string, string>> = { 'unexpected )': 'regexp/syntax: internal error' };

let engine: Promise<RegexEngine> | undefined;
let loaded: RegexEngine | undefined;

/** The engine, if somebody has loaded it. */
export function loadedRegexEngine(): RegexEngine | undefined {
  return loaded;
}

export function loadRegexEngine(): Promise<RegexEngine> {
  engine ??= load();
  return engine;
}

async function load(): Promise<RegexEngine> {
  const { RE2JS, RE2JSSyntaxException } = await import('re2js');
  loaded = {
    compile: (pattern) => {
      try {
        const compiled = RE2JS.compile(pattern);
        // The way without groups is the faster one.
        return { matches: (text) => compiled.testExact(text) };
      } catch (error) {
        if (!(error instanceof RE2JSSyntaxException)) throw error;
        const description = error.getDescription();
        throw new InvalidRegexError(pattern, WORDS_OF_RE2J[description] ?? description);
      }
    },
  };
  return loaded;
}
