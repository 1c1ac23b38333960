// Rows in columns of a width, as Java's printf lays them out with %-15s.

/** Columns of these widths, one space between them; the last one as long as its text unless it has a width. */
export function row(widths: readonly (number | undefined)[], cells: readonly (string | number)[]): string {
  return cells
    .map((cell, index) => {
      const width = widths[index];
      return width === undefined ? String(cell) : String(cell).padEnd(width);
    })
    .join(' ');
}

/** The width of a column: that of its longest text, and at least so much. */
export function widthOf(least: number, texts: Iterable<string>): number {
  let width = least;
  for (const text of texts) width = Math.max(width, text.length);
  return width;
}
