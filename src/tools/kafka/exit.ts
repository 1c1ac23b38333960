// The end of a tool in the middle of its work, with what was to be told told already: System.exit.
export class Exit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.name = 'Exit';
    this.code = code;
  }
}
