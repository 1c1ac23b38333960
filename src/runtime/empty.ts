// Arrays that are filled and emptied in every turn of the event loop.

/**
 * Takes everything out of `array`, which keeps its memory. To set its length calls into V8's runtime and gives the memory away,
 * which the next push has to get again: some 100 ns against 2 for each element.
 */
export function empty(array: unknown[]): void {
  while (array.length > 0) array.pop();
}
