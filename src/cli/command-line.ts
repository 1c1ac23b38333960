// What a command sees of the process that it runs in, so that tests can run commands without one.

export type StopSignal = 'SIGTERM' | 'SIGINT';

export interface CommandLine {
  /** What stands behind `ottla`. */
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly processId: number;
  /** True when standard output is a terminal that shows colours. */
  readonly isColored: boolean;
  /** Writes to standard output; the text ends its own lines. */
  print(text: string): void;
  /** Writes to standard error. */
  complain(text: string): void;
  /** Calls `action` for each signal that asks to stop. */
  onSignal(action: (signal: StopSignal) => void): void;
  /** Ends the process at once. */
  exit(code: number): void;
}
