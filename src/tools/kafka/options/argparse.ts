// From arguments to values by the rules of argparse4j 0.7: the unambiguous beginning of a name counts, `--name=value`, clusters of
// short flags, commands with arguments of their own.
import type { ToolIo } from '../../tool-io.ts';
import { Exit } from '../exit.ts';
import {
  type ArgparseArgument,
  type ArgparseParser,
  destOf,
  type ExclusiveGroup,
  groupOf,
  isHelp,
  namedArguments,
  type ParserPath,
  positionalArguments,
  takesValue,
  textualName,
} from './argparse-arguments.ts';
import { helpText, type HelpLayout, usageText, wrapped } from './argparse-help.ts';
import { similarTo } from './similar-names.ts';

/** parseArgsOrFail of 0.7 ends with it after help too. */
const HELP_CODE = 1;
const DEFAULT_WIDTH = 75;
/** Columns of a terminal that are left free. */
const MARGIN = 5;

/** Values by `dest`: undefined where nothing was given and there is no default. */
export type ArgparseValues = ReadonlyMap<string, unknown>;

/** What is wrong with the arguments, and whose usage explains it. */
export class ArgparseError extends Error {
  readonly path: ParserPath;
  /** Names that the user may have meant. */
  readonly candidates: readonly string[];

  constructor(path: ParserPath, message: string, candidates: readonly string[] = []) {
    super(message);
    this.name = 'net.sourceforge.argparse4j.inf.ArgumentParserException';
    this.path = path;
    this.candidates = candidates;
  }
}

/** Help on standard output, or what is wrong on standard error, ends the tool with 1. Throws Exit. */
export function parseOrExit(io: ToolIo, parser: ArgparseParser, args: readonly string[]): ArgparseValues {
  try {
    return parseArguments(io, parser, args);
  } catch (error) {
    if (!(error instanceof ArgparseError)) throw error;
    tellArgparseError(io, parser, error);
    throw new Exit(1);
  }
}

/** Throws ArgparseError, or Exit after help or version. */
export function parseArguments(io: ToolIo, parser: ArgparseParser, args: readonly string[]): ArgparseValues {
  const run = new Run(io, args, { program: parser.name, width: widthOf(io) });
  run.parse([parser]);
  if (run.deferred !== undefined) throw run.deferred;
  return run.values;
}

export function printArgparseHelp(io: ToolIo, parser: ArgparseParser): void {
  io.stdout.write(helpText([parser], { program: parser.name, width: widthOf(io) }));
}

export function tellArgparseError(
  io: ToolIo,
  parser: ArgparseParser,
  { path, message, candidates }: ArgparseError,
): void {
  const layout = { program: parser.name, width: widthOf(io) };
  io.stderr.write(usageText(path, layout));
  io.stderr.write(wrapped(`${parser.name}: error: ${message}\n`, layout.width, 0, ''));
  if (candidates.length > 0) io.stderr.write(`\nDid you mean:\n${candidates.map((one) => `\t${one}\n`).join('')}`);
}

function widthOf({ environment, isTerminal, columns }: ToolIo): number {
  const named = environment['COLUMNS'];
  const width = (named !== undefined && /^\d+$/.test(named) ? Number(named) : isTerminal ? columns : 0) - MARGIN;
  return width <= 0 ? DEFAULT_WIDTH : width;
}

class Run {
  readonly values = new Map<string, unknown>();
  /** The first thing that is missing, told when nothing worse is found. */
  deferred: ArgparseError | undefined;
  readonly #io: ToolIo;
  readonly #args: readonly string[];
  readonly #layout: HelpLayout;
  #at = 0;
  #isOver = false;

  constructor(io: ToolIo, args: readonly string[], layout: HelpLayout) {
    this.#io = io;
    this.#args = args;
    this.#layout = layout;
  }

  parse(path: ParserPath): void {
    new Level(this, path).parse();
  }

  get next(): string | undefined {
    return this.#args[this.#at];
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  take(): string {
    return this.#args[this.#at++] as string;
  }

  endOptions(): void {
    this.#isOver = true;
    this.#at++;
  }

  rest(): readonly string[] {
    return this.#args.slice(this.#at);
  }

  /** Whether the next argument is a flag, or `--`. */
  isFlag(): boolean {
    const { next } = this;
    if (next === undefined || this.#isOver) return false;
    return next.startsWith('-') && !/^-\d+$/.test(next);
  }

  help(path: ParserPath): never {
    this.#io.stdout.write(helpText(path, this.#layout));
    throw new Exit(path[0].helpCode ?? HELP_CODE);
  }

  version(text: string): never {
    this.#io.stdout.write(`${text}\n`);
    throw new Exit(0);
  }
}

/** The arguments of one parser, up to its command. */
class Level {
  readonly #run: Run;
  readonly #path: ParserPath;
  readonly #parser: ArgparseParser;
  readonly #named: readonly ArgparseArgument[];
  readonly #positional: readonly ArgparseArgument[];
  readonly #used = new Set<ArgparseArgument>();
  readonly #usedOf = new Map<ExclusiveGroup, ArgparseArgument>();
  readonly #bare: string[] = [];

  constructor(run: Run, path: ParserPath) {
    this.#run = run;
    this.#path = path;
    this.#parser = path[path.length - 1] as ArgparseParser;
    this.#named = namedArguments(this.#parser);
    this.#positional = positionalArguments(this.#parser);
  }

  parse(): void {
    const run = this.#run;
    for (const argument of [...this.#positional, ...this.#named]) {
      if (!isHelp(argument))
        run.values.set(destOf(argument), argument.default ?? (argument.action === 'true' ? false : undefined));
    }
    while (run.next !== undefined) {
      if (run.isFlag() && run.next !== '--') this.#takeFlag(run.take());
      else if (run.next === '--' && !run.isOver) run.endOptions();
      else if (this.#bare.length < this.#roomForBare()) this.#bare.push(run.take());
      else if (!run.isOver && this.#parser.commands !== undefined) return this.#command();
      else throw this.#mistake(`unrecognized arguments: '${run.rest().join(' ')}'`);
    }
    if (this.#parser.commands !== undefined) throw this.#mistake('too few arguments');
    this.#finish();
  }

  #roomForBare(): number {
    return this.#positional.some(({ count }) => count === '*' || count === '+') ? Infinity : this.#positional.length;
  }

  #command(): void {
    const { dest, parsers } = this.#parser.commands as NonNullable<ArgparseParser['commands']>;
    this.#finish();
    const given = this.#run.take();
    const exact = parsers.filter(({ name }) => name === given);
    const found = exact.length > 0 || given === '' ? exact : parsers.filter(({ name }) => name.startsWith(given));
    if (found.length > 1) {
      const names = found.map(({ name }) => name).sort();
      throw this.#mistake(`ambiguous command: ${given} could match ${names.join(', ')}`);
    }
    const [parser] = found;
    if (parser === undefined) {
      const names = parsers.map(({ name }) => name);
      const choices = names.map((name) => `'${name}'`).join(', ');
      const message = `invalid choice: '${given}' (choose from ${choices})`;
      throw this.#mistake(
        message,
        similarTo(
          given,
          names.map((name) => ({ shown: name, compared: name })),
        ),
      );
    }
    this.#run.parse([...this.#path, parser]);
    this.#run.values.set(dest, parser.name);
  }

  #takeFlag(term: string): void {
    const at = term.indexOf('=');
    const flag = at < 0 ? term : term.slice(0, at);
    const value = at < 0 ? undefined : term.slice(at + 1);
    const argument = this.#resolve(flag);
    if (argument !== undefined) this.#give(argument, value);
    else if (/^-[^-]/.test(term)) this.#takeCluster(term);
    else throw this.#unrecognized(term);
  }

  #resolve(flag: string): ArgparseArgument | undefined {
    const exact = this.#named.find(({ names }) => names.includes(flag));
    if (exact !== undefined) return exact;
    const names = this.#named.flatMap((argument) => argument.names).filter((name) => name.startsWith(flag));
    if (names.length <= 1) return this.#named.find((argument) => argument.names.includes(names[0] ?? ''));
    throw this.#mistake(`ambiguous option: ${flag} could match ${names.sort().join(', ')}`);
  }

  #takeCluster(term: string): void {
    for (let index = 1; index < term.length; index++) {
      const argument = this.#named.find(({ names }) => names.includes(`-${term[index]}`));
      if (argument === undefined) throw this.#unrecognized(term);
      if (takesValue(argument))
        return this.#give(argument, index + 1 < term.length ? term.slice(index + 1) : undefined);
      this.#give(argument, undefined);
    }
  }

  #give(argument: ArgparseArgument, embedded: string | undefined): void {
    this.#checkExclusive(argument);
    this.#used.add(argument);
    if (isHelp(argument)) this.#run.help(this.#path);
    if (argument.action === 'version') this.#run.version(this.#parser.version ?? '');
    if (!takesValue(argument)) {
      if (embedded !== undefined) throw this.#about(argument, `ignore implicit argument '${embedded}'`);
      this.#run.values.set(destOf(argument), true);
      return;
    }
    const values = embedded === undefined ? this.#valuesFor(argument) : [embedded];
    const converted = values.map((text) => this.#converted(argument, text));
    this.#store(argument, argument.count === '*' || argument.count === '+' ? converted : converted[0]);
  }

  #store(argument: ArgparseArgument, value: unknown): void {
    const dest = destOf(argument);
    if (argument.action !== 'append') this.#run.values.set(dest, value);
    else this.#run.values.set(dest, [...((this.#run.values.get(dest) as readonly unknown[] | undefined) ?? []), value]);
  }

  #valuesFor(argument: ArgparseArgument): string[] {
    const run = this.#run;
    const most = argument.count === '*' || argument.count === '+' ? Infinity : 1;
    const values: string[] = [];
    while (values.length < most && run.next !== undefined && !run.isFlag()) values.push(run.take());
    if (values.length > 0 || argument.count === '*' || argument.count === '?') return values;
    throw this.#about(argument, argument.count === '+' ? 'expected 1 argument(s)' : 'expected one argument');
  }

  #converted(argument: ArgparseArgument, text: string): unknown {
    const { kind, choices } = argument;
    const value = kind === undefined ? text : kind.convert(text);
    if (value === undefined) {
      throw this.#about(argument, `could not convert '${text}' to ${kind?.name} (For input string: "${text}")`);
    }
    if (choices === undefined || choices.includes(value)) return value;
    throw this.#about(argument, `invalid choice: '${text}' (choose from {${choices.join(',')}})`);
  }

  #checkExclusive(argument: ArgparseArgument): void {
    const group = groupOf(this.#parser, argument);
    if (group === undefined) return;
    const used = this.#usedOf.get(group);
    if (used !== undefined && used !== argument) {
      throw this.#about(argument, `not allowed with argument ${textualName(used)}`);
    }
    this.#usedOf.set(group, argument);
  }

  #finish(): void {
    this.#takeBare();
    const missing = this.#named.filter((argument) => argument.isRequired === true && !this.#used.has(argument)).at(-1);
    if (missing !== undefined) this.#run.deferred ??= this.#mistake(`argument ${textualName(missing)} is required`);
    const groups = this.#parser.groups ?? [];
    const open = groups.filter((group) => group.isRequired === true && !this.#usedOf.has(group)).at(-1);
    if (open === undefined) return;
    const names = open.arguments.map((argument) => `${textualName(argument)} `).join('');
    this.#run.deferred ??= this.#mistake(`one of the arguments ${names}is required`);
  }

  #takeBare(): void {
    const rest = [...this.#bare];
    const needs = ({ count }: ArgparseArgument): number => (count === '?' || count === '*' ? 0 : 1);
    let needed = this.#positional.reduce((sum, argument) => sum + needs(argument), 0);
    if (needed > rest.length) throw this.#mistake('too few arguments');
    for (const argument of this.#positional) {
      needed -= needs(argument);
      const most = argument.count === '*' || argument.count === '+' ? Infinity : 1;
      const values = rest.splice(0, Math.min(most, rest.length - needed));
      if (values.length === 0) continue;
      const converted = values.map((text) => this.#converted(argument, text));
      this.#store(argument, most === 1 ? converted[0] : converted);
    }
  }

  #unrecognized(term: string): ArgparseError {
    const body = term.replace(/^-+/, '');
    const names = this.#named.flatMap((argument) => argument.names);
    const long = names.map((name) => ({ shown: name, compared: name.replace(/^-+/, '') }));
    const candidates =
      body.length < 2
        ? []
        : similarTo(
            body,
            long.filter(({ compared }) => compared.length > 1),
          );
    return this.#mistake(`unrecognized arguments: '${term}'`, candidates);
  }

  #about(argument: ArgparseArgument, message: string): ArgparseError {
    return this.#mistake(`argument ${textualName(argument)}: ${message}`);
  }

  #mistake(message: string, candidates: readonly string[] = []): ArgparseError {
    return new ArgparseError(this.#path, message, candidates);
  }
}
