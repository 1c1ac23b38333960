// Log lines as text, one line each: `2026-11-21 11:20:33.123 WARN  log: message key=value`. Times are local, as in
// Kafka's own logs. What comes from outside is quoted, so that no value can forge a line of its own. Or as JSON, one object a line,
// for programs that gather logs: time (UTC), level, component, message, then the fields.
import type { LogFields, Logger, LogLevel } from '../logger.ts';

const ranks: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };
const labels: Record<LogLevel, string> = { debug: 'DEBUG', info: 'INFO ', warn: 'WARN ', error: 'ERROR' };

export type LogFormat = 'pretty' | 'json';

export interface TextLoggerOptions {
  /** Lines below this level are dropped; `info` when left out. */
  readonly level?: LogLevel;
  /** `pretty` when left out. */
  readonly format?: LogFormat;
  /** Takes one whole line, newline included; standard error when left out. */
  readonly write?: (line: string) => void;
  /** Milliseconds since the epoch; the world's clock when left out. */
  readonly nowMs?: () => number;
}

/** A logger that writes readable lines, to standard error unless told otherwise. */
export function textLogger(options: TextLoggerOptions = {}): Logger {
  return new TextLogger('', {
    lowest: ranks[options.level ?? 'info'],
    line: options.format === 'json' ? jsonLine : prettyLine,
    write: options.write ?? ((line) => void process.stderr.write(line)),
    nowMs: options.nowMs ?? Date.now,
  });
}

interface Entry {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields | undefined;
}

interface Sink {
  readonly lowest: number;
  readonly line: (component: string, nowMs: number, entry: Entry) => string;
  readonly write: (line: string) => void;
  readonly nowMs: () => number;
}

class TextLogger implements Logger {
  readonly #component: string;
  readonly #sink: Sink;

  constructor(component: string, sink: Sink) {
    this.#component = component;
    this.#sink = sink;
  }

  log(level: LogLevel, message: string, fields?: LogFields): void {
    const { lowest, line, nowMs, write } = this.#sink;
    if (ranks[level] >= lowest) write(line(this.#component, nowMs(), { level, message, fields }));
  }

  child(component: string): Logger {
    return new TextLogger(component, this.#sink);
  }
}

function prettyLine(component: string, nowMs: number, { level, message, fields }: Entry): string {
  const from = component === '' ? '' : `${component}: `;
  return `${timestamp(nowMs)} ${labels[level]} ${from}${oneLine(message)}${formatFields(fields)}\n`;
}

/** A field with the name of one of the four that come first has an underscore behind it. */
function jsonLine(component: string, nowMs: number, { level, message, fields }: Entry): string {
  const entry: Record<string, unknown> = { time: new Date(nowMs).toISOString(), level, component, message };
  for (const [name, value] of Object.entries(fields ?? {}))
    entry[Object.hasOwn(entry, name) ? `${name}_` : name] = value;
  return `${JSON.stringify(entry)}\n`;
}

function formatFields(fields: LogFields | undefined): string {
  if (fields === undefined) return '';
  let text = '';
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) text += ` ${name}=${typeof value === 'string' ? quoted(value) : value}`;
  }
  return text;
}

function quoted(value: string): string {
  return /^[\w.:/@,+[\]-]+$/.test(value) ? value : JSON.stringify(value);
}

function oneLine(message: string): string {
  return message.replace(/\p{Cc}+/gu, ' ');
}

function timestamp(nowMs: number): string {
  const local = new Date(nowMs - new Date(nowMs).getTimezoneOffset() * 60_000);
  return local.toISOString().replace('T', ' ').slice(0, 23);
}
