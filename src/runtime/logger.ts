// Log lines as a port. Facts go into `fields`, so that a line can be searched and rate-limited by its message.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Logger {
  log(level: LogLevel, message: string, fields?: LogFields): void;
  /** The same sink, every line marked with a component (`log`, `controller`, `network` …). */
  child(component: string): Logger;
}

export const silentLogger: Logger = {
  log: () => undefined,
  child: () => silentLogger,
};
