/** Behind what kcat writes it: `% ERROR: `, `Error: ` with the usage below it, or `% ` alone. */
export type CatFailureKind = 'error' | 'usage' | 'bare';

/** What ends `ottla cat`. */
export class CatFailure extends Error {
  readonly kind: CatFailureKind;

  constructor(message: string, kind: CatFailureKind = 'error') {
    super(message);
    this.kind = kind;
  }
}
