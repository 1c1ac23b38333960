// One option of a kafka-* tool, as its help tells of it and as joptsimple reads it.

export interface ArgumentType<T> {
  /** As the help shows it. */
  readonly name: string;
  /** undefined: the text is no value of this type. */
  convert(text: string): T | undefined;
}

export interface Argument<T> {
  readonly isRequired: boolean;
  readonly name: string;
  readonly type: ArgumentType<T>;
  readonly defaults: readonly T[];
  /** Between the values of one argument. */
  readonly separator?: string;
}

export interface Option<T = unknown> {
  /** Short ones first, each in alphabetic order. */
  readonly names: readonly string[];
  readonly text: string;
  readonly argument?: Argument<T>;
  /** joptsimple's own check, marked with a star in the help. */
  readonly isRequired?: boolean;
  /** Only together with one of these (joptsimple: availableIf). */
  readonly availableIf?: readonly Option[];
  /** With it nothing else is required. */
  readonly isForHelp?: boolean;
}

export const STRING: ArgumentType<string> = { name: 'String', convert: (text) => text };

export const INTEGER: ArgumentType<number> = {
  name: 'Integer',
  convert: (text) => wholeNumber(text, -(2n ** 31n), 2n ** 31n - 1n),
};

export const SHORT: ArgumentType<number> = {
  name: 'Short',
  convert: (text) => wholeNumber(text, -(2n ** 15n), 2n ** 15n - 1n),
};

/** Beyond 2^53 it is rounded: no option of a tool tells such values apart. */
export const LONG: ArgumentType<number> = {
  name: 'Long',
  convert: (text) => wholeNumber(text, -(2n ** 63n), 2n ** 63n - 1n),
};

export const DOUBLE: ArgumentType<number> = {
  name: 'Double',
  convert: (text) =>
    /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?[dDfF]?\s*$/.test(text) ? Number.parseFloat(text) : undefined,
};

function wholeNumber(text: string, lowest: bigint, highest: bigint): number | undefined {
  if (!/^[-+]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return value < lowest || value > highest ? undefined : Number(value);
}

/** An option without an argument. */
export function flag(names: string | readonly string[], text: string): Option<never> {
  return { names: arranged(names), text };
}

export interface ArgumentSettings<T> {
  readonly name?: string;
  readonly type?: ArgumentType<T>;
  readonly defaults?: readonly T[];
  readonly separator?: string;
  /** The argument may be left out. */
  readonly isOptional?: boolean;
  readonly isRequired?: boolean;
}

export function valued(
  names: string | readonly string[],
  text: string,
  settings?: ArgumentSettings<string> & { readonly type?: never },
): Option<string>;
export function valued<T>(
  names: string | readonly string[],
  text: string,
  settings: ArgumentSettings<T> & { readonly type: ArgumentType<T> },
): Option<T>;
export function valued<T>(
  names: string | readonly string[],
  text: string,
  settings: ArgumentSettings<T> = {},
): Option<T> {
  const { name = '', defaults = [], separator, isOptional = false, isRequired = false } = settings;
  const type = settings.type ?? (STRING as unknown as ArgumentType<T>);
  const argument = { isRequired: !isOptional, name, type, defaults, ...(separator !== undefined && { separator }) };
  return { names: arranged(names), text, argument, ...(isRequired && { isRequired }) };
}

function arranged(names: string | readonly string[]): readonly string[] {
  if (typeof names === 'string') return [names];
  const shortFirst = (one: string): number => (one.length === 1 ? 0 : 1);
  return [...names].sort((a, b) => shortFirst(a) - shortFirst(b) || (a < b ? -1 : 1));
}
