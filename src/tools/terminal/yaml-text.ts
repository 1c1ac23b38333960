// Plain data as YAML, for `--format yaml`. What could be read as anything but the text that it is stands in quotes.

/** The document, with a line feed at its end. Takes what JSON takes, and bigint; undefined members are left out. */
export function yamlText(value: unknown): string {
  const lines = linesOf(value, '');
  return `${lines.join('\n')}\n`;
}

function linesOf(value: unknown, indent: string): string[] {
  if (Array.isArray(value)) {
    if (value.length === 0) return [`${indent}[]`];
    return value.flatMap((item) => itemLines(item, indent));
  }
  if (isRecord(value)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    if (members.length === 0) return [`${indent}{}`];
    return members.flatMap(([key, member]) => memberLines(key, member, indent));
  }
  return [indent + scalar(value)];
}

function itemLines(item: unknown, indent: string): string[] {
  if (!hasLines(item)) return linesOf(item, `${indent}- `);
  const [first = '', ...rest] = linesOf(item, `${indent}  `);
  return [`${indent}- ${first.slice(indent.length + 2)}`, ...rest];
}

function memberLines(key: string, member: unknown, indent: string): string[] {
  const name = `${indent}${scalar(key)}:`;
  if (!hasLines(member)) return [`${name} ${linesOf(member, '')[0] ?? ''}`];
  return [name, ...linesOf(member, Array.isArray(member) ? indent : `${indent}  `)];
}

function hasLines(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isRecord(value) && Object.values(value).some((member) => member !== undefined);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function scalar(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return isPlain(value) ? value : JSON.stringify(value);
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

/** Not what YAML 1.1 or 1.2 reads as a number, a truth, nothing, a time or a mark of its own. */
function isPlain(text: string): boolean {
  if (!/^[A-Za-z_/][\w./@+ -]*$/.test(text) || text.endsWith(' ')) return false;
  return !/^(y|n|yes|no|true|false|on|off|null|nan|inf)$/i.test(text);
}
