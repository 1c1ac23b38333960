/** What ends `ottla cat`: the line that kcat writes behind `% ERROR: `, or, as a mistake of usage, behind `Error: `. */
export class CatFailure extends Error {
  readonly isUsage: boolean;

  constructor(message: string, isUsage = false) {
    super(message);
    this.isUsage = isUsage;
  }
}
