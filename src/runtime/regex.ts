// Regular expressions that users give (KIP-848 subscriptions, the pattern of ListTransactions, client metrics): in RE2's syntax
// and in linear time, as Apache Kafka takes them through RE2J. They never reach JavaScript's own engine, which an expression
// can keep busy for years. The engine, `re2js`, is loaded when it is first asked for; expressions are then compiled at once.
//
// Beside RE2J 1.8, which Kafka 4.3 has, it is bounded: counted repetitions that come to more than 1,000 in all, and groups
// that nest more than 1,000 deep, are refused, and so is what is longer than the limits below; and a `{` that begins no count
// may be repeated. The limits keep one expression, and one name held against it, from taking the event loop for long.
import { RegexProgram } from './regex-program.ts';

export interface Regex {
  /** Instructions of the program: one text costs at most so many steps for each of its characters. */
  readonly size: number;
  /** Whether the whole text is matched. Time and memory are bounded by the length of the text times that of the expression. */
  matches(text: string): boolean;
}

/** An expression with groups, for configs of the operator: slower than Regex, and in linear time as well. */
export interface ReplacingRegex {
  readonly groupCount: number;
  /** undefined unless the whole text is matched; else what Java's String.replaceAll makes of it. */
  replaceWhole(text: string, replacement: string): string | undefined;
}

export interface RegexEngine {
  /** Throws InvalidRegexError. */
  compile(pattern: string): Regex;
  /** Throws InvalidRegexError. */
  compileReplacing(pattern: string): ReplacingRegex;
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

/** Characters of one expression. */
const LONGEST_PATTERN = 8_192;
/** Classes by property (`\pL`) of one expression: each is some hundred ranges to be merged. */
const MOST_PROPERTY_CLASSES = 32;
/** Instructions of one compiled expression: each may be looked at for each character of a text. */
const MOST_INSTRUCTIONS = 8_192;
const TOO_LARGE = 'expression is too large';

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
  const compiled = (pattern: string): InstanceType<typeof RE2JS> => {
    if (pattern.length > LONGEST_PATTERN || propertyClasses(pattern) > MOST_PROPERTY_CLASSES) {
      throw new InvalidRegexError(pattern, TOO_LARGE);
    }
    try {
      const regex = RE2JS.compile(pattern);
      if (regex.programSize() > MOST_INSTRUCTIONS) throw new InvalidRegexError(pattern, TOO_LARGE);
      return regex;
    } catch (error) {
      if (!(error instanceof RE2JSSyntaxException)) throw error;
      const description = error.getDescription();
      throw new InvalidRegexError(pattern, WORDS_OF_RE2J[description] ?? description);
    }
  };
  loaded = {
    compile: (pattern) => new RegexProgram(compiled(pattern).re2Input.prog),
    compileReplacing: (pattern) => {
      const regex = compiled(pattern);
      return {
        groupCount: regex.groupCount(),
        replaceWhole: (text, replacement) => {
          if (!regex.matcher(text).matches()) return undefined;
          const matcher = regex.matcher(text);
          let replaced = '';
          let end = 0;
          while (matcher.find()) {
            replaced += text.slice(end, matcher.start());
            replaced += filledIn(replacement, regex.groupCount(), (group) => matcher.group(group) ?? '');
            end = matcher.end();
          }
          return replaced + text.slice(end);
        },
      };
    },
  };
  return loaded;
}

/**
 * The replacement with its groups filled in, as Java reads it: `$1`, `${name}`, and a character behind a backslash as it is. A group
 * that does not exist is empty.
 */
function filledIn(replacement: string, groupCount: number, textOf: (group: number | string) => string): string {
  return replacement.replace(/\\([^])|\$\{(\w+)\}|\$(\d+)/g, (_, literal?: string, name?: string, digits = '') => {
    if (literal !== undefined) return literal;
    if (name !== undefined) return textOf(name);
    let length = 1;
    while (length < digits.length && Number(digits.slice(0, length + 1)) <= groupCount) length += 1;
    const group = Number(digits.slice(0, length));
    return (group <= groupCount ? textOf(group) : '') + digits.slice(length);
  });
}

function propertyClasses(pattern: string): number {
  let count = 0;
  for (let at = pattern.indexOf('\\'); at !== -1; at = pattern.indexOf('\\', at + 2)) {
    const escaped = pattern[at + 1];
    if (escaped === 'p' || escaped === 'P') count += 1;
  }
  return count;
}
