// A table as Kafka's ToolsUtils.prettyPrintTable lays it out: columns as wide as their longest text, a tab behind each.
import { print, type ToolIo } from '../tool-io.ts';
import { widthOf } from './table-rows.ts';

export function printTable(io: ToolIo, headers: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = headers.map((header, column) =>
    widthOf(
      header.length,
      rows.map((cells) => cells[column] ?? ''),
    ),
  );
  for (const cells of [headers, ...rows]) {
    print(io, cells.map((cell, column) => `${cell.padEnd(widths[column] ?? 0)}\t`).join(''));
  }
}
