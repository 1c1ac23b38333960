// YAML as files of settings use it: maps and lists by indentation, scalars plain or quoted, comments, and JSON wherever a value stands.
// What goes beyond that (anchors, tags, several documents, texts over several lines) is refused with its line, not guessed.

export class YamlError extends Error {
  constructor(message: string, line: number) {
    super(`line ${line}: ${message}`);
  }
}

interface Line {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

const MOST_LINES = 100_000;
const DEEPEST = 50;

/** Throws YamlError. */
export function parseYaml(text: string): unknown {
  if (/^\s*[{[]/.test(text)) return jsonValue(text.trim(), 1);
  const lines = linesOf(text);
  if (lines.length === 0) return null;
  const { value, next } = blockAt(lines, 0, 0);
  const rest = lines[next];
  if (rest !== undefined) throw new YamlError('its indentation fits nothing above it', rest.number);
  return value;
}

function linesOf(text: string): Line[] {
  const raw = text.split(/\r?\n/);
  if (raw.length > MOST_LINES) throw new YamlError(`there are more than ${MOST_LINES} lines`, MOST_LINES);
  const lines: Line[] = [];
  for (const [index, one] of raw.entries()) {
    const content = withoutComment(one).trimEnd();
    if (content.trim() === '' || (lines.length === 0 && content === '---')) continue;
    const number = index + 1;
    const indent = /^ */.exec(content)?.[0].length ?? 0;
    if (content[indent] === '\t') throw new YamlError('a tab cannot indent', number);
    if (content === '---' || content === '...') throw new YamlError('one document a file', number);
    lines.push({ number, indent, text: content.slice(indent) });
  }
  return lines;
}

/** A # behind white space, outside of quotes. */
function withoutComment(line: string): string {
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (quote !== '') {
      if (character === '\\' && quote === '"') at += 1;
      else if (character === quote) quote = '';
    } else if ((character === '"' || character === "'") && /(^|[\s:[{,-])$/.test(line.slice(0, at))) quote = character;
    else if (character === '#' && (at === 0 || /\s/.test(line.charAt(at - 1)))) return line.slice(0, at);
  }
  return line;
}

interface Block {
  readonly value: unknown;
  readonly next: number;
}

function blockAt(lines: Line[], at: number, depth: number): Block {
  const first = lines[at] as Line;
  if (depth > DEEPEST) throw new YamlError(`it is nested more than ${DEEPEST} deep`, first.number);
  return isItem(first) ? listAt(lines, at, depth) : mapAt(lines, at, depth);
}

const isItem = ({ text }: Line): boolean => text === '-' || text.startsWith('- ');

function listAt(lines: Line[], from: number, depth: number): Block {
  const { indent } = lines[from] as Line;
  const list: unknown[] = [];
  let at = from;
  for (let line = lines[at]; line?.indent === indent && isItem(line); line = lines[at]) {
    const rest = line.text.slice(1).trimStart();
    if (rest === '') {
      const { value, next } = nestedAt(lines, at, indent, depth);
      list.push(value);
      at = next;
      continue;
    }
    if (entryOf(rest) === undefined && !rest.startsWith('- ')) {
      list.push(scalar(rest, line.number));
      at += 1;
      continue;
    }
    // What stands behind the dash begins a block of its own, as deep as it stands.
    const inner = { number: line.number, indent: indent + line.text.length - rest.length, text: rest };
    lines[at] = inner;
    const { value, next } = blockAt(lines, at, depth + 1);
    list.push(value);
    at = next;
  }
  return { value: list, next: at };
}

function mapAt(lines: Line[], from: number, depth: number): Block {
  const { indent } = lines[from] as Line;
  const map = new Map<string, unknown>();
  let at = from;
  for (let line = lines[at]; line?.indent === indent && !isItem(line); line = lines[at]) {
    const entry = entryOf(line.text);
    if (entry === undefined) throw new YamlError('key: value is expected', line.number);
    if (map.has(entry.key)) throw new YamlError(`the key ${entry.key} stands twice`, line.number);
    if (entry.value !== '') {
      map.set(entry.key, scalar(entry.value, line.number));
      at += 1;
      continue;
    }
    const { value, next } = nestedAt(lines, at, indent, depth);
    map.set(entry.key, value);
    at = next;
  }
  const deeper = lines[at];
  if (deeper !== undefined && deeper.indent > indent)
    throw new YamlError('its indentation fits nothing above it', deeper.number);
  return { value: Object.fromEntries(map), next: at };
}

/** What belongs to the key or dash at `at`: deeper lines; a list may stand as deep as its key. */
function nestedAt(lines: Line[], at: number, indent: number, depth: number): Block {
  const following = lines[at + 1];
  const own = lines[at] as Line;
  const isNested =
    following !== undefined &&
    (following.indent > indent || (following.indent === indent && isItem(following) && !isItem(own)));
  return isNested ? blockAt(lines, at + 1, depth + 1) : { value: null, next: at + 1 };
}

function entryOf(text: string): { readonly key: string; readonly value: string } | undefined {
  const found =
    /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s:"'[\]{},&*!|>%@`#-][^:]*?|-?[^\s:"'[\]{},#][^:\s]*)\s*:(?:\s+(.*))?$/.exec(
      text,
    );
  if (found === null) return undefined;
  return { key: String(unquoted(found[1] as string)), value: found[2]?.trim() ?? '' };
}

function unquoted(text: string): string {
  if (text.startsWith('"')) return JSON.parse(text) as string;
  return text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text;
}

function scalar(text: string, line: number): unknown {
  if (/^[[{]/.test(text)) return jsonValue(text, line);
  if (/^"(?:[^"\\]|\\.)*"$/.test(text) || /^'(?:[^']|'')*'$/.test(text)) return unquoted(text);
  if (/^[&*!|>%@`"']/.test(text))
    throw new YamlError(`${text.charAt(0)} is beyond what is read here: write the value out, in quotes`, line);
  if (/^(?:null|~)$/.test(text)) return null;
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) && Number.isSafeInteger(Math.trunc(Number(text)))) return Number(text);
  return text;
}

function jsonValue(text: string, line: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new YamlError(`what begins with ${text.charAt(0)} has to be JSON (${(error as Error).message})`, line);
  }
}
