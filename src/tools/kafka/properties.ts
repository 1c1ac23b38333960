// A file of properties as java.util.Properties reads it: comments behind # and !, `key=value`, `key: value` or `key value`, lines that
// go on behind a backslash, and the escapes \t \n \r \f \uXXXX.

export function parseProperties(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of logicalLines(text)) {
    const { key, value } = keyAndValue(line);
    found.set(unescaped(key), unescaped(value));
  }
  return found;
}

function* logicalLines(text: string): Generator<string> {
  let open = '';
  let isOpen = false;
  for (const natural of text.split(/\r\n|\n|\r/)) {
    const line = natural.replace(/^[ \t\f]+/, '');
    if (!isOpen && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue;
    open += line;
    const backslashes = /\\*$/.exec(line)?.[0].length ?? 0;
    isOpen = backslashes % 2 === 1;
    if (isOpen) open = open.slice(0, -1);
    else {
      yield open;
      open = '';
    }
  }
  if (open !== '') yield open;
}

function keyAndValue(line: string): { readonly key: string; readonly value: string } {
  const key = /^(?:\\.|[^\\=: \t\f])*/su.exec(line)?.[0] ?? '';
  const rest = line.slice(key.length).replace(/^[ \t\f]*[=:]?[ \t\f]*/, '');
  return { key, value: rest };
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescaped(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gsu, (_, hex: string | undefined, letter: string | undefined) =>
    hex === undefined ? (ESCAPES[letter ?? ''] ?? letter ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
