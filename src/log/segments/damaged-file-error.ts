// A small file of a data directory does not hold what a broker writes there, and cannot be made anew from others.
export class DamagedFileError extends Error {
  override readonly name = 'DamagedFileError';
  readonly path: string;
  /** What the operator can do. */
  readonly remedy: string;

  constructor(path: string, reason: string, remedy: string) {
    super(`${path} ${reason}`);
    this.path = path;
    this.remedy = remedy;
  }
}
