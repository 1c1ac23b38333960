// Usage and help of argparse4j 0.7: what does not fit is wrapped, and wrapped lines are stretched to the full width.
import {
  type ArgparseArgument,
  type ArgparseCommands,
  type ArgparseParser,
  type ExclusiveGroup,
  groupOf,
  isHelp,
  isNamed,
  metavarOf,
  namedArguments,
  type ParserPath,
  positionalArguments,
  takesValue,
} from './argparse-arguments.ts';
import { linePieces } from './line-breaks.ts';

export interface HelpLayout {
  readonly program: string;
  readonly width: number;
}

const INDENT = 25;
/** Longer titles have their help on the next line. */
const LONGEST_TITLE = 21;
/** A longer program name has its arguments on the next line. */
const LONGEST_PROGRAM = 30;
export function helpText(path: ParserPath, layout: HelpLayout): string {
  const parser = path[path.length - 1] as ArgparseParser;
  const { width } = layout;
  const { description = '', epilog = '', commands } = parser;
  const isUntitled = commands?.title === undefined && commands?.description === undefined;
  const positional = positionalArguments(parser);
  const parts = [usageText(path, layout)];
  if (description !== '') parts.push(`\n${wrapped(description, width, 0, '')}\n`);
  if (positional.length > 0 || (commands !== undefined && isUntitled)) {
    parts.push(
      '\npositional arguments:\n',
      ...positional.map((one) => entry(argumentTitle(one), helpOf(parser, one), width)),
    );
    if (isUntitled) parts.push(commandsHelp(parser, width));
  }
  const inSections = new Set((parser.sections ?? []).flatMap((section) => section.arguments));
  const named = namedArguments(parser).filter((one) => !isApart(groupOf(parser, one)) && !inSections.has(one));
  parts.push('\noptional arguments:\n', ...named.map((one) => entry(argumentTitle(one), helpOf(parser, one), width)));
  if (commands !== undefined && !isUntitled) {
    parts.push(`\n${commands.title ?? 'subcommands'}:\n`);
    if (commands.description !== undefined) parts.push(`  ${wrapped(commands.description, width, 2, '  ')}\n\n`);
    parts.push(commandsHelp(parser, width));
  }
  parts.push(...titledGroups(parser, width));
  if (epilog !== '') parts.push(`\n${wrapped(epilog, width, 0, '')}\n`);
  return parts.join('');
}

/** A group with words of its own stands behind the others. */
const isApart = (group: ExclusiveGroup | undefined): boolean =>
  group?.title !== undefined || group?.description !== undefined;

function titledGroups(parser: ArgparseParser, width: number): string[] {
  const groups = [...(parser.groups ?? []).filter(isApart), ...(parser.sections ?? [])];
  return groups.flatMap(({ title, description, arguments: members }) => [
    title === undefined ? '\n' : `\n${title}:\n`,
    ...(description === undefined ? [] : [`  ${wrapped(description, width, 2, '  ')}\n\n`]),
    ...members.map((one) => entry(argumentTitle(one), helpOf(parser, one), width)),
  ]);
}

function commandsHelp({ commands }: ArgparseParser, width: number): string {
  if (commands === undefined) return '';
  const entries = commands.parsers.map(({ name, help = '' }) => entry(`  ${name}`, help, width));
  return entry(commandChoice(commands), '', width) + entries.join('');
}

const commandChoice = ({ metavar, parsers }: ArgparseCommands): string =>
  metavar ?? `{${parsers.map(({ name }) => name).join(',')}}`;

function helpOf({ tellsDefaults = false }: ArgparseParser, argument: ArgparseArgument): string {
  const { help, action } = argument;
  const shown =
    argument.defaultText ??
    defaultText(argument.default ?? (action === 'true' && !isHelp(argument) ? false : undefined));
  if (!tellsDefaults || shown === undefined) return help;
  return `${help}${help === '' ? '' : ' '}(default: ${shown})`;
}

function defaultText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? `[${value.join(', ')}]` : String(value as string | number | boolean);
}

function entry(title: string, help: string, width: number): string {
  if (help === '') return `  ${title}\n`;
  const head = title.length <= LONGEST_TITLE ? `  ${title}`.padEnd(INDENT) : `  ${title}\n${' '.repeat(INDENT)}`;
  return `${head}${wrapped(help, width, INDENT, ' '.repeat(INDENT))}\n`;
}

function argumentTitle(argument: ArgparseArgument): string {
  if (!isNamed(argument)) return metavarOf(argument);
  const value = valueSyntax(argument);
  return argument.names.map((name) => (value === '' ? name : `${name} ${value}`)).join(', ');
}

/** Ends with a line end. */
export function usageText(path: ParserPath, { program, width }: HelpLayout): string {
  const head = `usage: ${program}`;
  const isLong = head.length > LONGEST_PROGRAM;
  const indent = ' '.repeat(isLong ? 6 : head.length);
  const parser = path[path.length - 1] as ArgparseParser;
  const words = path.slice(0, -1).flatMap((one, index) => upperUsage(one, index > 0));
  if (path.length > 1) words.push(parser.name);
  words.push(...ownUsage(parser));
  const start = isLong ? `\n${indent}` : '';
  // Below a long name the original counts the line end as a column of the first line.
  return `${head}${start}${joined(words, indent, width, start.length || indent.length)}\n`;
}

/** Of the parsers above a command only what they require. */
function upperUsage(parser: ArgparseParser, isCommand: boolean): string[] {
  const required = namedArguments(parser).filter(
    (one) => one.isRequired === true && groupOf(parser, one) === undefined,
  );
  const groups = (parser.groups ?? []).filter((group) => group.isRequired === true);
  return [
    ...(isCommand ? [parser.name] : []),
    ...required.map(shortSyntax),
    ...groups.flatMap((group) => groupUsage(group.arguments, true)),
    ...positionalArguments(parser).map(shortSyntax),
  ];
}

function ownUsage(parser: ArgparseParser): string[] {
  const alone = namedArguments(parser).filter((one) => groupOf(parser, one) === undefined);
  const commands = parser.commands;
  return [
    ...alone.map(shortSyntax),
    ...(parser.groups ?? []).flatMap((group) => groupUsage(group.arguments, group.isRequired === true)),
    ...positionalArguments(parser).map(shortSyntax),
    ...(commands === undefined ? [] : [commandChoice(commands), '...']),
  ];
}

function groupUsage(members: readonly ArgparseArgument[], isRequired: boolean): string[] {
  const [open, close] = isRequired ? ['(', ')'] : ['[', ']'];
  if (members.length === 1)
    return [isRequired ? bareSyntax(members[0] as ArgparseArgument) : shortSyntax(members[0] as ArgparseArgument)];
  return members.flatMap((member, index) => {
    const isLast = index === members.length - 1;
    const syntax = `${index === 0 ? open : ''}${bareSyntax(member)}${isLast ? close : ''}`;
    return isLast ? [syntax] : [syntax, '|'];
  });
}

function shortSyntax(argument: ArgparseArgument): string {
  if (!isNamed(argument) || argument.isRequired === true) return bareSyntax(argument);
  return `[${bareSyntax(argument)}]`;
}

function bareSyntax(argument: ArgparseArgument): string {
  const value = valueSyntax(argument);
  if (!isNamed(argument)) return value;
  return value === '' ? (argument.names[0] as string) : `${argument.names[0]} ${value}`;
}

function valueSyntax(argument: ArgparseArgument): string {
  if (!takesValue(argument)) return '';
  const name = metavarOf(argument);
  switch (argument.count) {
    case '?':
      return `[${name}]`;
    case '*':
      return `[${name} [${name} ...]]`;
    case '+':
      return `${name} [${name} ...]`;
    default:
      return name;
  }
}

/** `taken`: the columns before the first word. */
function joined(words: readonly string[], indent: string, width: number, taken: number): string {
  let text = '';
  let at = taken;
  words.forEach((word, index) => {
    if (index > 0 && at + word.length + 1 > width) {
      text += `\n${indent}`;
      at = indent.length;
    }
    text += ` ${word}`;
    at += 1 + word.length;
  });
  return text;
}

/** Lines after the first begin with `indent`; `used` columns of the first are taken. */
export function wrapped(text: string, width: number, used: number, indent: string): string {
  let result = '';
  let line = '';
  let at = used;
  for (const piece of linePieces(text)) {
    at += piece.length;
    if (at > width) {
      result += `${stretched(line, width, at - piece.length)}\n${indent}`;
      line = '';
      at = indent.length + piece.length;
    }
    line += piece;
    if (piece.endsWith('\n')) {
      result += line + indent;
      line = '';
      at = indent.length;
    }
  }
  return result + line;
}

/** Spreads what is missing to the full width over the gaps between words, from the middle. */
function stretched(line: string, width: number, end: number): string {
  const trimmed = line.replace(/^ +| +$/g, '');
  const gaps = trimmed.match(/ +/g) ?? [];
  if (gaps.length === 0) return trimmed;
  const missing = width - (end - (line.length - trimmed.length));
  const each = Math.trunc(missing / gaps.length);
  const rest = missing % gaps.length;
  const from = Math.trunc((gaps.length - rest + 1) / 2);
  let gap = 0;
  return trimmed.replace(/ +/g, (spaces) => {
    const extra = from <= gap && gap < from + rest ? 1 : 0;
    gap++;
    return spaces + ' '.repeat(each + extra);
  });
}
