// Tables as rpk prints them: a heading in capitals, columns padded with two spaces and at least six wide, nothing behind the last
// one. On a terminal that is too narrow for the table each row becomes a block of lines, which wraps where it has to.
import { shownText, widthOf } from './shown-text.ts';

export type Cell = string | number | bigint | boolean | null | undefined;

const NARROWEST_COLUMN = 6;
const GAP = 2;

export interface TableOptions {
  /** Columns of the terminal; left out where the output is none, and lines may be as long as they are. */
  readonly columns?: number | undefined;
}

/** Every line with its line feed. `null` and `undefined` are shown as `-`. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly Cell[])[],
  options: TableOptions = {},
): string {
  const titles = headings.map((heading) => heading.toUpperCase());
  const shown = rows.map((row) => row.map(shownCell));
  const lines = aligned(titles.some((title) => title !== '') ? [titles, ...shown] : shown);
  const { columns } = options;
  if (columns === undefined || lines.every((line) => widthOf(line) <= columns))
    return lines.map((line) => `${line}\n`).join('');
  return blocks(titles, shown);
}

/** A list of names and values, as a table of two columns without a heading. */
export function facts(rows: readonly (readonly [string, Cell])[]): string {
  return aligned(rows.map(([name, value]) => [name.toUpperCase(), shownCell(value)]))
    .map((line) => `${line}\n`)
    .join('');
}

function shownCell(cell: Cell): string {
  return cell === null || cell === undefined ? '-' : shownText(String(cell));
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) => {
    // What stands last in its row pads nothing, as in Go's tabwriter.
    const padded = rows.filter((row) => row.length > at + 1).map((row) => widthOf(row[at] ?? ''));
    return Math.max(NARROWEST_COLUMN, ...padded.map((width) => width + GAP));
  });
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell + ' '.repeat((widths[at] as number) - widthOf(cell))))
      .join(''),
  );
}

function blocks(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const label = Math.max(...titles.map(widthOf)) + GAP;
  return rows
    .map((row) =>
      row
        .map((cell, at) =>
          titles[at] === '' || titles[at] === undefined ? '' : `${titles[at].padEnd(label)}${cell}\n`,
        )
        .join(''),
    )
    .join('\n');
}
