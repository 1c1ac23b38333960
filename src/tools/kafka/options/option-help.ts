// The table of options that joptsimple's BuiltinHelpFormatter prints: 80 columns, two between options and descriptions.
import { linePieces } from './line-breaks.ts';
import type { Option } from './option.ts';

const WIDTH = 80;
const GAP = 2;
const INDENT = '  ';

type Row = readonly [option: string, description: string];

/** Ends with a line end. */
export function optionHelp(options: readonly Option[]): string {
  const byName = new Map(options.map((option) => [option.names[0] as string, option]));
  const sorted = [...byName.keys()].sort((a, b) => (a < b ? -1 : 1)).map((name) => byName.get(name) as Option);
  const hasRequired = sorted.some(({ isRequired }) => isRequired === true);
  const heads: readonly Row[] = hasRequired
    ? [
        ['Option (* = required)', 'Description'],
        ['---------------------', '-----------'],
      ]
    : [
        ['Option', 'Description'],
        ['------', '-----------'],
      ];
  return layOut([...heads, ...sorted.map((option): Row => [usageOf(option), descriptionOf(option)])]);
}

function usageOf({ names, argument, isRequired }: Option): string {
  const spelled = names.map((name) => (name.length > 1 ? `--${name}` : `-${name}`)).join(', ');
  const star = isRequired === true ? '* ' : '';
  if (argument === undefined) return star + spelled;
  const [open, close] = argument.isRequired ? ['<', '>'] : ['[', ']'];
  const name = argument.name === '' ? '' : `: ${argument.name}`;
  return `${star}${spelled} ${open}${argument.type.name}${name}${close}`;
}

function descriptionOf({ text, argument }: Option): string {
  const defaults = argument?.defaults ?? [];
  if (defaults.length === 0) return text;
  const shown = defaults.length === 1 ? shownDefault(defaults[0], argument?.type.name) : `[${defaults.join(', ')}]`;
  return `${text} (default: ${shown})`.trim();
}

/** Java shows a whole Double with its `.0`. */
function shownDefault(value: unknown, type: string | undefined): string {
  return type === 'Double' && Number.isInteger(value) ? `${String(value)}.0` : String(value);
}

function layOut(rows: readonly Row[]): string {
  const before = widthsOf(rows);
  const fitted = rows.flatMap(([option, description]) => fit(option, description, before));
  const { left, right } = widthsOf(fitted);
  const lines = fitted.map(
    ([option, description]) => option.padEnd(left) + ' '.repeat(GAP) + description.padEnd(right),
  );
  return lines.map((line) => `${line}\n`).join('');
}

interface Widths {
  readonly left: number;
  readonly right: number;
}

function widthsOf(rows: readonly Row[]): Widths {
  const widest = (column: 0 | 1): number => Math.max(0, ...rows.map((row) => row[column].length));
  const left = Math.min((WIDTH - GAP) / 2, widest(0));
  return { left, right: Math.min(WIDTH - left - GAP, widest(1)) };
}

function fit(option: string, description: string, { left, right }: Widths): Row[] {
  const lefts = piecesOf(option, left);
  const rights = piecesOf(description, right);
  const count = Math.max(lefts.length, rights.length);
  return Array.from({ length: count }, (_, index): Row => [lefts[index] ?? '', rights[index] ?? '']);
}

function piecesOf(text: string, width: number): string[] {
  const lines = text.trim().split('\n');
  return lines.flatMap((line) => wrapped(line, width));
}

function wrapped(line: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const word of linePieces(line)) {
    if (piece.length + word.length > width) {
      pieces.push(piece.trimEnd());
      piece = INDENT + word;
    } else {
      piece += word;
    }
  }
  if (piece !== '') pieces.push(piece);
  return pieces;
}
