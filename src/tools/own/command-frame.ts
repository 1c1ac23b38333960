// The frame of our own commands: a noun with its verbs, flags that all of them have, what they are handed, how they end. A verb's work is
// in a file of its own, which is loaded when it is called, and so is the client.
import { Command, CommanderError, Option } from 'commander';
import type { Admin, ClientConfig, ClientError, ClusterClient } from '../../client/index.ts';
import { DiskError } from '../../runtime/index.ts';
import { ProfileError } from '../profile/profile-store.ts';
import { shownText } from '../terminal/shown-text.ts';
import type { Tool, ToolIo } from '../tool-io.ts';
import { clientConfigOf, connectionSettings } from './connection.ts';
import { Failure } from './failure.ts';
import { FORMATS, Output, outputFormatOf } from './output.ts';

/** Flags of every command that speaks to a cluster. */
export interface CommonOptions {
  readonly brokers?: string;
  readonly X?: readonly string[];
  readonly commandConfig?: string;
  readonly profile?: string;
  readonly format?: string;
  readonly json?: boolean;
  readonly timeout?: number;
}

/** What the work of a verb is handed. */
export class CommandContext {
  readonly io: ToolIo;
  readonly output: Output;
  readonly settings: Readonly<Record<string, string>>;
  readonly #options: CommonOptions;
  #client: ClusterClient | undefined;

  constructor(io: ToolIo, options: CommonOptions, output: Output) {
    this.io = io;
    this.output = output;
    this.#options = options;
    this.settings = connectionSettings(io, options);
  }

  /** Rejects with ConfigurationError or Failure. */
  async client(): Promise<ClusterClient> {
    if (this.#client === undefined) {
      const { ClusterClient: Client } = await import('../../client/index.ts');
      this.#client = new Client(this.clientConfig);
    }
    return this.#client;
  }

  async admin(): Promise<Admin> {
    const { Admin: Class } = await import('../../client/index.ts');
    return new Class({ client: await this.client() });
  }

  get clientConfig(): ClientConfig {
    const config = clientConfigOf(this.io, this.settings);
    const timeoutMs = this.timeoutMs;
    const limits = {
      apiTimeoutMs: timeoutMs,
      requestTimeoutMs: timeoutMs,
      connectTimeoutMs: Math.min(timeoutMs, 10_000),
    };
    return { ...config, limits: { ...limits, ...config.limits } };
  }

  /** How long a call may take. */
  get timeoutMs(): number {
    return this.#options.timeout ?? DEFAULT_TIMEOUT_MS;
  }

  /** The last argument of the client's calls. Their time is the client's: what it says at its end is why, not that it is over. */
  get call(): { readonly signal: AbortSignal } {
    return { signal: this.io.signal };
  }

  complain(line: string): void {
    this.io.stderr.write(`${line}\n`);
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }
}

const DEFAULT_TIMEOUT_MS = 10_000;
const INTERRUPTED = 130;

/** What the work of a verb gives back when it is not 0. */
export type Work<O> = (
  context: CommandContext,
  words: readonly string[],
  options: O & CommonOptions,
) => Promise<number | void>;

export interface Verb {
  /** As commander writes it: `create <topics...>`. */
  readonly usage: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** More than a line, for --help. */
  readonly help?: string;
  readonly flags?: readonly Flag[];
  /** --format means something of its own there, and there is no --json. */
  readonly hasOwnFormat?: boolean;
  /** The work is given the words that stand where the usage has arguments. */
  readonly work: () => Promise<Work<never>>;
}

export type Flag = readonly [flags: string, help: string, shape?: FlagShape];

export interface FlagShape {
  readonly default?: unknown;
  readonly isRequired?: boolean;
  readonly choices?: readonly string[];
  /** May be given several times. */
  readonly isList?: boolean;
  /** Several values in one, joined by commas; may be given several times too. */
  readonly isCommaList?: boolean;
  readonly parse?: (text: string, flag: string) => unknown;
}

/** Throws Failure for what is no whole number of at least `least`. */
export const wholeNumber =
  (least = 0) =>
  (text: string, flag: string): number => {
    const number = Number(text);
    if (/^-?\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
    throw new Failure(`${flag} ${JSON.stringify(text)} is not a whole number from ${least} on`);
  };

/** A tool that tells its verbs, for completion. */
export type Noun = Tool & { readonly verbs?: readonly string[] };

/** A noun with verbs. */
export function noun(name: string, summary: string, verbs: readonly Verb[]): Noun {
  const run: Tool = (args, io) =>
    ended(io, async (exit) => {
      const program = programOf(`ottla ${name}`, summary, io);
      for (const verb of verbs) addVerb(program.command(verb.usage), verb, io, exit);
      if (args.length === 0) {
        program.outputHelp();
        return;
      }
      await program.parseAsync(args, { from: 'user' });
    });
  return Object.assign(run, { verbs: verbs.map(({ usage }) => usage.split(' ')[0] as string) });
}

/** A command without verbs. */
export function singleCommand(verb: Verb): Tool {
  return (args, io) =>
    ended(io, async (exit) => {
      const [name = '', ...words] = verb.usage.split(' ');
      const program = programOf(`ottla ${name}`, verb.summary, io);
      for (const word of words) program.argument(word);
      addVerb(program, verb, io, exit);
      await program.parseAsync(args, { from: 'user' });
    });
}

function programOf(name: string, summary: string, io: ToolIo): Command {
  const output = {
    writeOut: (text: string): void => void io.stdout.write(text),
    writeErr: (text: string): void => void io.stderr.write(text),
    getOutHelpWidth: () => Math.max(40, io.columns),
    getErrHelpWidth: () => Math.max(40, io.columns),
    outputError: (text: string, write: (text: string) => void): void => write(text.replace(/^error: /, 'ottla: ')),
  };
  return new Command(name)
    .description(summary)
    .configureOutput(output)
    .exitOverride()
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .helpOption('-h, --help', 'print this');
}

function addVerb(command: Command, verb: Verb, io: ToolIo, exit: (code: number) => void): void {
  command.description(verb.help ?? verb.summary).summary(verb.summary);
  if (verb.aliases !== undefined) command.aliases(verb.aliases);
  for (const flag of verb.flags ?? []) command.addOption(optionOf(flag));
  for (const flag of COMMON) command.addOption(optionOf(flag));
  if (verb.hasOwnFormat !== true) for (const flag of OUTPUT) command.addOption(optionOf(flag));
  command.helpOption('-h, --help', 'print this');
  command.action(async (...given: unknown[]) => {
    const words = given.slice(0, -2).flatMap((word) => (word === undefined ? [] : (word as string | string[])));
    const options = withAlias(given[given.length - 2] as CommonOptions & { bootstrapServer?: string });
    const format = verb.hasOwnFormat === true ? 'text' : outputFormatOf(options);
    const context = new CommandContext(io, options, new Output(io, format));
    try {
      const work = (await verb.work()) as Work<object>;
      exit((await work(context, words, options)) ?? 0);
    } finally {
      await context.close();
    }
  });
}

function withAlias({
  bootstrapServer,
  ...options
}: CommonOptions & { readonly bootstrapServer?: string }): CommonOptions {
  return bootstrapServer === undefined ? options : { brokers: bootstrapServer, ...options };
}

const COMMON: readonly Flag[] = [
  ['--brokers <addresses>', 'host:port, several joined by commas (OTTLA_BROKERS)'],
  ['--bootstrap-server <addresses>', 'the same'],
  ['-X <key=value>', "a setting of the client, Kafka's or rpk's; repeatable", { isList: true }],
  ['--command-config <file>', 'a client.properties file'],
  ['--profile <name>', 'a profile of `ottla profile` (OTTLA_PROFILE)'],
  ['--timeout <ms>', 'how long the cluster may take to answer', { parse: wholeNumber(1) }],
];

const OUTPUT: readonly Flag[] = [
  ['--format <format>', FORMATS.join(', ')],
  ['--json', 'JSON, one object a line'],
];

function optionOf([flags, help, shape = {}]: Flag): Option {
  const option = new Option(flags, help);
  const { isRequired, choices, isList, isCommaList, parse } = shape;
  if (shape.default !== undefined) option.default(shape.default);
  if (isRequired === true) option.makeOptionMandatory();
  if (choices !== undefined) option.choices(choices);
  const name = option.long ?? option.short ?? flags;
  if (isList === true) option.argParser((text, before: string[] | undefined) => [...(before ?? []), text]);
  if (isCommaList === true) {
    option.argParser((text, before: unknown[] | undefined) => [
      ...(before ?? []),
      ...text.split(',').map((one) => (parse === undefined ? one.trim() : parse(one.trim(), name))),
    ]);
  } else if (parse !== undefined) option.argParser((text) => parse(text, name));
  return option;
}

/** The exit code of a command, whatever way it ends. */
async function ended(io: ToolIo, run: (exit: (code: number) => void) => Promise<void>): Promise<number> {
  let code = 0;
  try {
    await run((given) => {
      code = given;
    });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    if (io.signal.aborted) return INTERRUPTED;
    io.stderr.write(`ottla: ${failureText(error)}\n`);
    return error instanceof Failure ? error.exitCode : 1;
  }
}

/** Errors whose message is for the user as it is. */
const TOLD: ReadonlySet<string> = new Set(['ConfigError', 'InvalidRegexError', 'KafkaError', 'StartError']);

/** What is wrong, and what to do. Errors of programs are thrown on. */
export function failureText(error: unknown): string {
  if (isClientError(error)) return shownText(`${sentence(error.message)} ${error.advice}`);
  if (error instanceof Failure || error instanceof ProfileError || error instanceof DiskError) return error.message;
  if (error instanceof Error && TOLD.has(error.name)) return error.message;
  throw error;
}

/** By its shape: the client is loaded by the commands that need it. */
function isClientError(error: unknown): error is ClientError {
  return error instanceof Error && typeof (error as Partial<ClientError>).advice === 'string';
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
