// What a command has found, in the form that was asked for: a table for people, JSON or YAML for programs. Progress and complaints go to
// standard error, so that a pipe gets nothing but results.
import type { ToolIo } from '../tool-io.ts';
import { type Cell, facts, table } from '../terminal/table.ts';
import { yamlText } from '../terminal/yaml-text.ts';
import { Failure } from './failure.ts';

export const FORMATS = ['text', 'wide', 'json', 'yaml'] as const;
/** `lines`: JSON, one object a line (--json). */
export type OutputFormat = (typeof FORMATS)[number] | 'lines';

export interface Column<T> {
  readonly heading: string;
  readonly cell: (row: T) => Cell;
  /** Only in `wide` tables. */
  readonly isWide?: boolean;
}

/** Throws Failure. */
export function outputFormatOf(options: { readonly format?: string; readonly json?: boolean }): OutputFormat {
  if (options.json === true) return 'lines';
  const wanted = options.format ?? 'text';
  const aliases: Readonly<Record<string, OutputFormat>> = { short: 'text', long: 'wide' };
  const format = FORMATS.find((one) => one === wanted) ?? aliases[wanted];
  if (format === undefined) throw new Failure(`--format ${wanted} is none of ${FORMATS.join(', ')}`);
  return format;
}

export class Output {
  readonly format: OutputFormat;
  readonly #io: ToolIo;

  constructor(io: ToolIo, format: OutputFormat) {
    this.#io = io;
    this.format = format;
  }

  /** Whether people read it. */
  get isText(): boolean {
    return this.format === 'text' || this.format === 'wide';
  }

  /** Things of one kind: a table, or the things themselves. */
  list<T extends object>(rows: readonly T[], columns: readonly Column<T>[]): void {
    if (!this.isText) {
      this.data(rows);
      return;
    }
    const shown = columns.filter(({ isWide }) => isWide !== true || this.format === 'wide');
    const cells = rows.map((row) => shown.map(({ cell }) => cell(row)));
    this.text(
      table(
        shown.map(({ heading }) => heading),
        cells,
        this.#width,
      ),
    );
  }

  /** Names and values of one thing. */
  facts(rows: readonly (readonly [string, Cell])[]): void {
    this.text(facts(rows));
  }

  /** For people: as it is, line feeds and all. */
  text(text: string): void {
    this.#io.stdout.write(text);
  }

  /** For programs. */
  data(value: unknown): void {
    if (this.format === 'yaml') this.text(yamlText(value));
    else if (this.format === 'lines' && Array.isArray(value)) for (const one of value) this.text(`${jsonText(one)}\n`);
    else this.text(`${jsonText(value)}\n`);
  }

  get #width(): { readonly columns?: number } {
    return this.#io.isTerminal && this.format !== 'wide' ? { columns: this.#io.columns } : {};
  }
}

/** Whole numbers beyond 2^53 as texts. */
function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (typeof one === 'bigint') return String(one);
    return one instanceof Map ? Object.fromEntries(one) : one;
  });
}
