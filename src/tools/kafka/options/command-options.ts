// What every kafka-* tool does with its options: help, version, what is required and what excludes each other, in the words of
// Kafka's CommandDefaultOptions and CommandLineUtils.
import { complain, print, type ToolIo } from '../../tool-io.ts';
import { Exit } from '../exit.ts';
import { flag, type Option } from './option.ts';
import { optionHelp } from './option-help.ts';
import { OptionError, type ParsedOptions, parseOptions, type ParserSettings } from './option-parser.ts';

/** Whose tools these are. */
export const KAFKA_VERSION = '4.3.1';

const HELP: Option = { ...flag('help', 'Print usage information.'), isForHelp: true };
const VERSION: Option = { ...flag('version', 'Display Kafka version.'), isForHelp: true };

export interface CommandSettings extends ParserSettings {
  /** Whether what is wrong with the arguments is told with the usage; otherwise it ends the tool as an exception. */
  readonly tellsMistakes?: boolean;
}

export class CommandOptions {
  readonly #io: ToolIo;
  readonly #args: readonly string[];
  readonly #options: readonly Option[];
  readonly #parsed: ParsedOptions;

  /** Throws OptionError, or Exit when the tool tells mistakes itself. */
  constructor(
    io: ToolIo,
    args: readonly string[],
    options: Readonly<Record<string, Option>>,
    settings: CommandSettings = {},
  ) {
    this.#io = io;
    this.#args = args;
    this.#options = [HELP, VERSION, ...Object.values(options)];
    try {
      this.#parsed = parseOptions(this.#options, args, settings);
    } catch (error) {
      if (settings.tellsMistakes === true && error instanceof OptionError) this.usage(error.message);
      throw error;
    }
  }

  has(option: Option): boolean {
    return this.#parsed.has(option);
  }

  /** Throws OptionError when it was given several times. */
  valueOf<T>(option: Option<T>): T | undefined {
    return this.#parsed.valueOf(option);
  }

  /** The same, of an option that the tool has checked to be there. */
  required<T>(option: Option<T>): T {
    return this.#parsed.valueOf(option) as T;
  }

  valuesOf<T>(option: Option<T>): readonly T[] {
    return this.#parsed.valuesOf(option);
  }

  /** In the order given. */
  given(): readonly Option[] {
    return this.#parsed.given();
  }

  get others(): readonly string[] {
    return this.#parsed.others;
  }

  get isEmpty(): boolean {
    return this.#args.length === 0;
  }

  /** `message` and the help on standard error, and the end of the tool with 1. */
  usage(message: string): never {
    complain(this.#io, message);
    this.#io.stderr.write(optionHelp(this.#options));
    throw new Exit(1);
  }

  maybePrintHelpOrVersion(message: string): void {
    if (this.isEmpty || this.has(HELP)) this.usage(message);
    if (!this.has(VERSION)) return;
    print(this.#io, KAFKA_VERSION);
    throw new Exit(0);
  }

  checkRequired(...required: readonly Option[]): void {
    const missing = required.find((option) => !this.has(option));
    if (missing !== undefined) this.usage(`Missing required argument "${listed(missing)}"`);
  }

  checkInvalid(used: Option, ...invalid: readonly Option[]): void {
    const found = this.has(used) ? invalid.find((option) => this.has(option)) : undefined;
    if (found !== undefined) this.usage(`Option "${listed(used)}" can't be used with option "${listed(found)}"`);
  }

  checkInvalidSet(used: readonly Option[], invalid: readonly Option[], addition = ''): void {
    const found = used.every((option) => this.has(option)) ? invalid.find((option) => this.has(option)) : undefined;
    if (found === undefined) return;
    const combination = `[${used.map(listed).join(', ')}]`;
    this.usage(`Option combination "${combination}" can't be used with option "${listed(found)}"${addition}`);
  }

  checkOneOf(...choices: readonly Option[]): void {
    if (choices.filter((option) => this.has(option)).length === 1) return;
    this.usage(`Exactly one of the following arguments is required: ${choices.map(listed).join(', ')}`);
  }
}

/** As Java prints an option: its names as a list. */
export function listed({ names }: Option): string {
  return `[${names.join(', ')}]`;
}
