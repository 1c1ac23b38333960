// What the tools that use argparse4j declare: arguments, groups of which one is given, commands. Layout and texts of both are those of
// argparse4j 0.7.

export interface ArgumentKind<T> {
  /** As a failed conversion calls it. */
  readonly name: string;
  /** undefined: the text is no value of this type. */
  convert(text: string): T | undefined;
}

export interface ArgparseArgument<T = unknown> {
  /** `--topic`, `-t`, or the one name of a positional argument. */
  readonly names: readonly string[];
  readonly help: string;
  /** Under which name the value is found; left out: made of the first long name. */
  readonly dest?: string;
  readonly metavar?: string;
  readonly kind?: ArgumentKind<T>;
  /** `store` takes a value, `append` collects several, `true` takes none, `version` prints one and ends. */
  readonly action?: 'store' | 'append' | 'true' | 'version';
  /** How many values belong together: one when left out. */
  readonly count?: '?' | '*' | '+';
  readonly isRequired?: boolean;
  readonly default?: T | readonly T[];
  /** As the help shows the default, where it is another text. */
  readonly defaultText?: string;
  readonly choices?: readonly T[];
}

/** At most one of them may be given, or exactly one. */
export interface ExclusiveGroup {
  readonly arguments: readonly ArgparseArgument[];
  readonly isRequired?: boolean;
  /** With a title the group stands apart in the help. */
  readonly title?: string;
  readonly description?: string;
}

/** Arguments that stand apart in the help and are otherwise like all others. */
export interface ArgumentSection {
  readonly title: string;
  readonly description?: string;
  readonly arguments: readonly ArgparseArgument[];
}

export interface ArgparseCommands {
  readonly dest: string;
  /** In place of the list of their names. */
  readonly metavar?: string;
  readonly title?: string;
  readonly description?: string;
  readonly parsers: readonly ArgparseParser[];
}

export interface ArgparseParser {
  /** Name of the program, or of the command. */
  readonly name: string;
  /** Of a command, in the list of commands. */
  readonly help?: string;
  readonly description?: string;
  readonly epilog?: string;
  /** Whether the help tells of defaults. */
  readonly tellsDefaults?: boolean;
  readonly arguments?: readonly ArgparseArgument[];
  readonly groups?: readonly ExclusiveGroup[];
  readonly sections?: readonly ArgumentSection[];
  readonly commands?: ArgparseCommands;
  readonly version?: string;
  /** What the tool ends with after its help; 1 when left out, as parseArgsOrFail of 0.7 has it. */
  readonly helpCode?: number;
}

/** One step on the way to a command: the main parser first. */
export type ParserPath = readonly [ArgparseParser, ...ArgparseParser[]];

const HELP: ArgparseArgument = { names: ['-h', '--help'], help: 'show this help message and exit', action: 'true' };

/** The arguments that have names: those of groups first, unless they stand among the others. */
export function namedArguments(parser: ArgparseParser): readonly ArgparseArgument[] {
  return [HELP, ...allArguments(parser).filter(isNamed)];
}

export function positionalArguments(parser: ArgparseParser): readonly ArgparseArgument[] {
  return allArguments(parser).filter((argument) => !isNamed(argument));
}

export function groupOf(parser: ArgparseParser, argument: ArgparseArgument): ExclusiveGroup | undefined {
  return parser.groups?.find((group) => group.arguments.includes(argument));
}

function allArguments({
  arguments: own = [],
  groups = [],
  sections = [],
}: ArgparseParser): readonly ArgparseArgument[] {
  const grouped = groups.flatMap((group) => group.arguments).filter((argument) => !own.includes(argument));
  return [...grouped, ...own, ...sections.flatMap((section) => section.arguments)];
}

export const isHelp = (argument: ArgparseArgument): boolean => argument === HELP;

export const isNamed = ({ names }: ArgparseArgument): boolean => names[0]?.startsWith('-') === true;

export const takesValue = ({ action = 'store' }: ArgparseArgument): boolean =>
  action === 'store' || action === 'append';

export const textualName = ({ names }: ArgparseArgument): string => names.join('/');

export function destOf({ names, dest }: ArgparseArgument): string {
  const chosen = names.find((name) => name.startsWith('--')) ?? (names[0] as string);
  return dest ?? chosen.replace(/^-+/, '').replaceAll('-', '_');
}

/** Shown in place of the value. */
export function metavarOf(argument: ArgparseArgument): string {
  const { choices, metavar } = argument;
  if (metavar !== undefined) return metavar;
  if (choices !== undefined) return `{${choices.join(',')}}`;
  return isNamed(argument) ? destOf(argument).toUpperCase() : destOf(argument);
}
