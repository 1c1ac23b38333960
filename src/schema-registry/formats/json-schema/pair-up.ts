// As many pairs as there can be, where each of the left side accepts some of the right and nobody is in two pairs (a maximum
// matching, found by augmenting paths).

/** `choices[left]` are the right ones that it accepts; answers the partner of each left one. */
export function pairUp(choices: readonly (readonly number[])[]): (number | undefined)[] {
  const partnerOfRight = new Map<number, number>();
  const partners: (number | undefined)[] = choices.map(() => undefined);
  const place = (left: number, asked: Set<number>): boolean => {
    for (const right of choices[left] ?? []) {
      if (asked.has(right)) continue;
      asked.add(right);
      const rival = partnerOfRight.get(right);
      if (rival !== undefined && !place(rival, asked)) continue;
      partnerOfRight.set(right, left);
      partners[left] = right;
      return true;
    }
    return false;
  };
  choices.forEach((_, left) => place(left, new Set()));
  return partners;
}
