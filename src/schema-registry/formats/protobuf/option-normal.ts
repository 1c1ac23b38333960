// Options in the form that says the same in one way: `(a).b = 1, (a).c = 2` is `(a) = { b: 1, c: 2 }`, in the order of names.
import { mapParts, type OptionValue, type ProtoField, type ProtoOption } from './proto-file.ts';
import type { KnownType, ProtoScope } from './proto-scope.ts';

type MapValue = Extract<OptionValue, { kind: 'map' }>;

export function normalOptions(options: readonly ProtoOption[], scope: ProtoScope, place: string): ProtoOption[] {
  const named = options.map((option) => fullyNamed(option, scope, place));
  const byName = new Map<string, ProtoOption[]>();
  for (const option of named.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)))
    byName.set(option.name, [...(byName.get(option.name) ?? []), option]);
  return [...byName.values()]
    .flatMap((list) => merged(list, scope))
    .map((option) => ({ ...option, value: normalValue(option.value, scope, place) }));
}

/** An extension by its full name; its path, if it has one, becomes a map. */
function fullyNamed(option: ProtoOption, scope: ProtoScope, place: string): ProtoOption {
  const known = option.inParentheses ? scope.findExtension(option.name, place) : undefined;
  if (known === undefined) return option;
  const value = option.path.reduceRight<OptionValue>(
    (inner, key) => ({ kind: 'map', entries: new Map([[bracketed(key), inner]]) }),
    option.value,
  );
  return { ...option, name: known.fullName, path: [], value };
}

const bracketed = (key: string): string => (key.startsWith('(') ? `[${key.slice(1, -1)}]` : key);

function merged(list: readonly ProtoOption[], scope: ProtoScope): readonly ProtoOption[] {
  const [first] = list;
  if (first === undefined || list.length === 1 || !first.inParentheses) return list;
  const extension = scope.findExtension(`.${first.name}`, '');
  if (extension === undefined || extension.field.label === 'repeated') return list;
  const type = scope.find(extension.field.type, extension.scope);
  return [list.reduce((a, b) => ({ ...b, value: mergedValues(a.value, b.value, type, scope) }))];
}

function mergedValues(a: OptionValue, b: OptionValue, type: KnownType | undefined, scope: ProtoScope): OptionValue {
  if (a.kind !== 'map' || b.kind !== 'map') return b;
  const entries = new Map(a.entries);
  for (const [key, value] of b.entries) {
    const before = entries.get(key);
    entries.set(key, before === undefined ? value : mergedField(before, value, fieldOf(type, key), type, scope));
  }
  return { kind: 'map', entries };
}

function mergedField(
  a: OptionValue,
  b: OptionValue,
  field: ProtoField | undefined,
  outer: KnownType | undefined,
  scope: ProtoScope,
): OptionValue {
  if (field !== undefined && field.label !== 'repeated' && mapParts(field.type) === undefined)
    return mergedValues(a, b, scope.find(field.type, outer?.fullName ?? ''), scope);
  const items = [...listed(a), ...listed(b)];
  const unique = new Map(items.map((item) => [JSON.stringify(plain(item)), item]));
  return { kind: 'list', items: [...unique.values()] };
}

const listed = (value: OptionValue): readonly OptionValue[] => (value.kind === 'list' ? value.items : [value]);

function plain(value: OptionValue): unknown {
  if (value.kind === 'map') return [...value.entries].map(([key, item]) => [key, plain(item)]);
  return value.kind === 'list' ? value.items.map(plain) : value;
}

function fieldOf(type: KnownType | undefined, name: string): ProtoField | undefined {
  if (type?.type.kind !== 'message') return undefined;
  return [...type.type.fields, ...type.type.oneofs.flatMap((oneof) => oneof.fields)].find(
    (field) => field.name === name,
  );
}

function normalValue(value: OptionValue, scope: ProtoScope, place: string): OptionValue {
  if (value.kind === 'word') return { kind: 'word', word: normalNumber(value.word) };
  if (value.kind === 'list') {
    const items = value.items.map((item) => normalValue(item, scope, place));
    return { kind: 'list', items };
  }
  if (value.kind === 'text') return value;
  const entries = [...(value as MapValue).entries]
    .filter(([, item]) => item.kind !== 'list' || item.items.length > 0)
    .map(([key, item]): [string, OptionValue] => [
      normalKey(key, scope, place),
      oneOrMore(normalValue(item, scope, place)),
    ])
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { kind: 'map', entries: new Map(entries) };
}

/** In a map, a list of one is the one. */
function oneOrMore(value: OptionValue): OptionValue {
  return value.kind === 'list' && value.items.length === 1 ? (value.items[0] as OptionValue) : value;
}

function normalKey(key: string, scope: ProtoScope, place: string): string {
  if (!key.startsWith('[')) return key;
  const known = scope.findExtension(key.slice(1, -1), place);
  return known === undefined ? key : `[${known.fullName}]`;
}

function normalNumber(word: string): string {
  if (/^[-+]?\d+$/.test(word) || /^0[xX][\da-fA-F]+$/.test(word)) return String(BigInt(word.replace('+', '')));
  if (!/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?[fF]?$/.test(word)) return word;
  return String(Number(word.replace(/[fF]$/, '')));
}
