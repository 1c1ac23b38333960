// What somebody may have meant: the names that are nearest to what was typed, as argparse4j and git reckon it (swapping two letters
// costs nothing, adding one 1, replacing one 2, taking one away 4).

const TOO_FAR = 7;

export interface SimilarName {
  readonly shown: string;
  readonly compared: string;
}

/** The nearest ones in alphabetic order; none when all are far. */
export function similarTo(typed: string, names: readonly SimilarName[]): string[] {
  const measured = names.map(({ shown, compared }) => ({
    shown,
    distance: compared.startsWith(typed) ? 0 : distance(typed, compared),
  }));
  const nearest = Math.min(TOO_FAR, ...measured.map((one) => one.distance));
  if (nearest === TOO_FAR) return [];
  return measured
    .filter((one) => one.distance === nearest)
    .map(({ shown }) => shown)
    .sort();
}

function distance(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      const isSwap = i >= 2 && j >= 2 && !isSame && from[i - 2] === to[j - 1] && from[i - 1] === to[j - 2];
      const replaced = (row[j - 1] as number) + (isSame ? 0 : 2);
      const swapped = isSwap ? (before[j - 2] as number) : Infinity;
      next.push(Math.min(replaced, swapped, (row[j] as number) + 4, (next[j - 1] as number) + 1));
    }
    before = row;
    row = next;
  }
  return row[to.length] as number;
}
