// The format of `server.properties` (java.util.Properties.load): comments, continuation lines, escapes; of a key that
// stands twice the last one counts. Kafka reads the bytes as Latin-1, other characters are written \uXXXX.
import { ConfigError } from './config.ts';

/** Files larger than this are not configuration. */
const LARGEST_FILE_BYTES = 4 * 1024 * 1024;

/** Keys and values in the order of their first appearance. Throws ConfigError for a broken \u escape. */
export function parseProperties(content: Uint8Array | string): Map<string, string> {
  if (content.length > LARGEST_FILE_BYTES) throw new ConfigError('A properties file is larger than 4 MiB.');
  const text = typeof content === 'string' ? content : latin1(content);
  const entries = new Map<string, string>();
  for (const { line, number } of logicalLines(text)) {
    const { key, value } = splitEntry(line);
    entries.set(unescaped(key, number), unescaped(value, number));
  }
  return entries;
}

/** One entry as Kafka (and `parseProperties`) reads it back. */
export function formatProperty(key: string, value: string): string {
  return `${escaped(key, true)}=${escaped(value, false)}`;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Lines without leading white space, comments and blank ones dropped, those ending in an odd `\` joined to the next. */
function logicalLines(text: string): { line: string; number: number }[] {
  const found: { line: string; number: number }[] = [];
  let open: { line: string; number: number } | undefined;
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const line = raw.replace(/^[ \t\f]+/, '');
    if (open === undefined && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    const continues = (/\\+$/.exec(line)?.[0].length ?? 0) % 2 === 1;
    const part = continues ? line.slice(0, -1) : line;
    open = open === undefined ? { line: part, number: index + 1 } : { line: open.line + part, number: open.number };
    if (continues) continue;
    found.push(open);
    open = undefined;
  }
  if (open !== undefined && open.line !== '') found.push(open);
  return found;
}

/** The key ends at the first unescaped `=`, `:` or white space; white space around the separator belongs to neither. */
function splitEntry(line: string): { key: string; value: string } {
  let end = 0;
  while (end < line.length && !/[=: \t\f]/.test(line.charAt(end))) end += line.charAt(end) === '\\' ? 2 : 1;
  const key = line.slice(0, end);
  return { key, value: line.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '') };
}

const shortEscapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(text: string, lineNumber: number): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|[^]|$)/g, (_, code: string) => {
    if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (code === 'u') throw new ConfigError(`Line ${lineNumber}: \\u must be followed by four hexadecimal digits.`);
    return shortEscapes[code] ?? code;
  });
}

function escaped(text: string, isKey: boolean): string {
  return text.replace(/[\\#!=:]|[^\u0020-\u007e]|^ | /g, (char, at: number) => {
    if (char === ' ') return isKey || at === 0 ? '\\ ' : ' ';
    const short = Object.entries(shortEscapes).find(([, meant]) => meant === char)?.[0];
    if (short !== undefined) return `\\${short}`;
    if (/[\\#!=:]/.test(char)) return `\\${char}`;
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
