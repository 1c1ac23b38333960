// From arguments to options and their values, by joptsimple's rules: `--name value`, `--name=value`, `-n value`, `-nvalue`, clusters
// of short flags, `--` before what is no option, the unambiguous beginning of a name where the tool allows it.
import type { Argument, Option } from './option.ts';

/** An exception of joptsimple; the name is that of its class. */
export class OptionError extends Error {
  constructor(kind: string, message: string) {
    super(message);
    this.name = `joptsimple.${kind}`;
  }
}

export class ParsedOptions {
  readonly #values: ReadonlyMap<Option, readonly string[]>;
  /** What stands on the command line beside the options. */
  readonly others: readonly string[];

  constructor(values: ReadonlyMap<Option, readonly string[]>, others: readonly string[]) {
    this.#values = values;
    this.others = others;
  }

  has(option: Option): boolean {
    return this.#values.has(option);
  }

  given(): readonly Option[] {
    return [...this.#values.keys()];
  }

  /** Of an option that was not given: its default, or undefined. Throws OptionError when there are several, or it is none of the type. */
  valueOf<T>(option: Option<T>): T | undefined {
    const values = this.valuesOf(option);
    if (values.length > 1) {
      const message = `Found multiple arguments for option ${spelling(option)}, but you asked for only one`;
      throw new OptionError('MultipleArgumentsForOptionException', message);
    }
    return values[0];
  }

  /** Throws OptionError when one is no value of the option's type. */
  valuesOf<T>(option: Option<T>): readonly T[] {
    const { argument } = option;
    const given = this.#values.get(option) ?? [];
    if (argument === undefined) return [];
    return given.length === 0 ? argument.defaults : given.map((text) => converted(option, argument, text));
  }
}

export interface ParserSettings {
  readonly allowsAbbreviations?: boolean;
}

/** Throws OptionError. */
export function parseOptions(
  options: readonly Option[],
  args: readonly string[],
  { allowsAbbreviations = false }: ParserSettings = {},
): ParsedOptions {
  const reader = new Reader(options, args, allowsAbbreviations);
  reader.read();
  const isHelp = options.some((option) => option.isForHelp === true && reader.values.has(option));
  const missing = options.filter((option) => option.isRequired === true && !reader.values.has(option));
  if (missing.length > 0 && !isHelp) {
    const message = `Missing required option(s) [${missing.map(spelling).join(', ')}]`;
    throw new OptionError('MissingRequiredOptionsException', message);
  }
  const unavailable = options.filter(
    ({ availableIf }, index) =>
      availableIf?.some((other) => reader.values.has(other)) === false && reader.values.has(options[index] as Option),
  );
  if (unavailable.length > 0) {
    const message = `Option(s) [${unavailable.map(spelling).join(', ')}] are unavailable given other options on the command line`;
    throw new OptionError('UnavailableOptionException', message);
  }
  return new ParsedOptions(reader.values, reader.others);
}

/** Of these `-1` is a value, not an option. */
const NUMBERS: ReadonlySet<string> = new Set(['Integer', 'Long', 'Short', 'Double']);

class Reader {
  readonly values = new Map<Option, string[]>();
  readonly others: string[] = [];
  readonly #byName = new Map<string, Option>();
  readonly #args: readonly string[];
  readonly #allowsAbbreviations: boolean;
  #at = 0;

  constructor(options: readonly Option[], args: readonly string[], allowsAbbreviations: boolean) {
    for (const option of options) for (const name of option.names) this.#byName.set(name, option);
    this.#args = args;
    this.#allowsAbbreviations = allowsAbbreviations;
  }

  read(): void {
    let isOver = false;
    while (this.#at < this.#args.length) {
      const candidate = this.#args[this.#at++] as string;
      if (isOver || !looksLikeOption(candidate)) this.others.push(candidate);
      else if (candidate === '--') isOver = true;
      else if (candidate.startsWith('--')) this.#readLong(candidate);
      else this.#readShort(candidate);
    }
  }

  #readLong(candidate: string): void {
    const { name, value } = split(candidate.slice(2));
    this.#take(this.#known(name), value);
  }

  #readShort(candidate: string): void {
    const { name, value } = split(candidate.slice(1));
    const option = this.#find(name);
    if (option === undefined) this.#readCluster(candidate.slice(1));
    else this.#take(option, value);
  }

  #readCluster(letters: string): void {
    for (const letter of letters) {
      if (this.#known(letter).argument !== undefined) break;
    }
    for (let index = 0; index < letters.length; index++) {
      const option = this.#known(letters[index] as string);
      const rest = letters.slice(index + 1);
      if (option.argument !== undefined && rest !== '') {
        this.#take(option, rest);
        return;
      }
      this.#take(option, undefined);
    }
  }

  #find(name: string): Option | undefined {
    const exact = this.#byName.get(name);
    if (exact !== undefined || !this.#allowsAbbreviations || name === '') return exact;
    const found = new Set([...this.#byName].filter(([known]) => known.startsWith(name)).map(([, option]) => option));
    return found.size === 1 ? [...found][0] : undefined;
  }

  #known(name: string): Option {
    const option = this.#find(name);
    if (option === undefined) {
      throw new OptionError('UnrecognizedOptionException', `${name} is not a recognized option`);
    }
    return option;
  }

  #take(option: Option, value: string | undefined): void {
    const values = this.values.get(option) ?? [];
    this.values.set(option, values);
    const { argument } = option;
    if (argument === undefined) return;
    const text = value ?? this.#argumentFor(option, argument);
    if (text !== undefined) values.push(...valuesIn(text, argument));
  }

  #argumentFor(option: Option, argument: Argument<unknown>): string | undefined {
    const next = this.#args[this.#at];
    if (argument.isRequired) {
      this.#at++;
      if (next !== undefined) return next;
      const message = `Option ${spelling(option)} requires an argument`;
      throw new OptionError('OptionMissingRequiredArgumentException', message);
    }
    if (next === undefined) return undefined;
    const { type } = argument;
    const mayBeOption = looksLikeOption(next) && next !== '--' && !NUMBERS.has(type.name);
    // What is no value of the type is left for others.
    if (mayBeOption || type.convert(next) === undefined) return undefined;
    this.#at++;
    return next;
  }
}

/** `-` alone is none. */
function looksLikeOption(text: string): boolean {
  return text.startsWith('-') && text !== '-';
}

function split(text: string): { readonly name: string; readonly value: string | undefined } {
  const at = text.indexOf('=');
  return at < 0 ? { name: text, value: undefined } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

function valuesIn(text: string, { separator }: Argument<unknown>): readonly string[] {
  if (separator === undefined) return [text];
  const values = text.split(separator).filter((one) => one !== '');
  return values.length === 0 ? [text] : values;
}

function converted<T>(option: Option<T>, { type }: Argument<T>, text: string): T {
  const value = type.convert(text);
  if (value !== undefined) return value;
  const message = `Cannot parse argument '${text}' of option ${spelling(option)}`;
  throw new OptionError('OptionArgumentConversionException', message);
}

function spelling({ names }: Option): string {
  return names.join('/');
}
