// Options: `option (a.b).c = value;` and `[x = 1, (y) = {...}]`, and the text format inside their braces.
import { SCHEMA_LIMITS } from '../schema-format.ts';
import type { OptionValue, ProtoOption } from './proto-file.ts';
import type { Tokens } from './proto-tokens.ts';

/** After the word `option`, to the semicolon. */
export function parseOptionStatement(tokens: Tokens): ProtoOption {
  const option = parseOption(tokens);
  tokens.expect(';');
  return option;
}

/** None, or a list in brackets. */
export function parseBracketOptions(tokens: Tokens): ProtoOption[] {
  const options: ProtoOption[] = [];
  if (!tokens.take('[')) return options;
  do options.push(parseOption(tokens));
  while (tokens.take(','));
  tokens.expect(']');
  return options;
}

function parseOption(tokens: Tokens): ProtoOption {
  const inParentheses = tokens.take('(');
  const name = tokens.word('an option name').replace(/^\./, '');
  if (inParentheses) tokens.expect(')');
  const path: string[] = [];
  // `(a.b).c` is read as ")" and then the word ".c".
  while (!tokens.peeksSign('=')) {
    const isNested = tokens.take('(');
    const part = tokens.word('an option name').replace(/^\./, '');
    if (isNested) tokens.expect(')');
    path.push(...(isNested ? [`(${part})`] : part.split('.').filter((word) => word !== '')));
  }
  tokens.expect('=');
  return { name, inParentheses, path, value: parseValue(tokens, 0) };
}

function parseValue(tokens: Tokens, depth: number): OptionValue {
  if (depth > SCHEMA_LIMITS.depth) throw tokens.wrong(`more than ${SCHEMA_LIMITS.depth} values inside one another`);
  if (tokens.take('{')) return parseMap(tokens, '}', depth);
  if (tokens.take('<')) return parseMap(tokens, '>', depth);
  if (tokens.take('[')) {
    const items: OptionValue[] = [];
    while (!tokens.take(']')) {
      items.push(parseValue(tokens, depth + 1));
      if (!tokens.take(',') && !tokens.peeksSign(']')) throw tokens.wrong("expected ',' or ']'");
    }
    return { kind: 'list', items };
  }
  const token = tokens.next();
  if (token.kind === 'text') return { kind: 'text', text: token.text };
  if (token.kind === 'word') return { kind: 'word', word: token.word };
  throw tokens.wrong('expected a value');
}

function parseMap(tokens: Tokens, end: string, depth: number): OptionValue {
  const entries = new Map<string, OptionValue>();
  while (!tokens.take(end)) {
    const key = parseKey(tokens);
    const hasColon = tokens.take(':');
    if (!hasColon && !tokens.peeksSign('{') && !tokens.peeksSign('<')) throw tokens.wrong("expected ':'");
    const value = parseValue(tokens, depth + 1);
    const before = entries.get(key);
    entries.set(key, before === undefined ? value : { kind: 'list', items: [...listed(before), ...listed(value)] });
    if (!tokens.take(',')) tokens.take(';');
  }
  return { kind: 'map', entries };
}

const listed = (value: OptionValue): readonly OptionValue[] => (value.kind === 'list' ? value.items : [value]);

function parseKey(tokens: Tokens): string {
  if (!tokens.take('[')) return tokens.word('a key');
  let key = tokens.word('an extension');
  // `[type.googleapis.com/a.B]`
  if (tokens.take('/')) key += `/${tokens.word('a type')}`;
  tokens.expect(']');
  return `[${key}]`;
}
