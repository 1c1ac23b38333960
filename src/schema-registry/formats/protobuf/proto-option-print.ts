// Options as the canonical text shows them: one alone on its line, several one to a line, maps and lists indented.
import type { OptionValue, ProtoOption } from './proto-file.ts';

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
};

export const quoted = (text: string): string => `"${[...text].map((one) => ESCAPES[one] ?? printable(one)).join('')}"`;

const printable = (one: string): string =>
  one < ' ' || one === '\x7f' ? `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}` : one;

export const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');

export const optionStatement = (option: ProtoOption): string => `option ${printOption(option)};\n`;

/** With a blank in front; nothing when there are none. */
export function bracketOptions(options: readonly ProtoOption[]): string {
  return options.length === 0 ? '' : ` ${bracketed(options.map(printOption))}`;
}

function printOption(option: ProtoOption): string {
  const name = option.inParentheses ? `(${option.name})` : option.name;
  const target = [name, ...option.path].join('.');
  const { value } = option;
  if (value.kind === 'list') return `${target} = ${bracketed(value.items.map(printValue))}`;
  return `${target} = ${printValue(value)}`;
}

/** One value stays on the line, as it does for a list of options. */
function bracketed(items: readonly string[]): string {
  if (items.length === 1) return `[${items[0] ?? ''}]`;
  return `[\n${indented(items.join(',\n'))}\n]`;
}

function printValue(value: OptionValue): string {
  switch (value.kind) {
    case 'text':
      return quoted(value.text);
    case 'word':
      return value.word;
    case 'list':
      return value.items.length === 0 ? '[\n]' : `[\n${indented(value.items.map(printValue).join(',\n'))}\n]`;
    case 'map': {
      const lines = [...value.entries].map(([key, item]) => `${key}: ${printValue(item)}`);
      return lines.length === 0 ? '{\n}' : `{\n${indented(lines.join(',\n'))}\n}`;
    }
  }
}
