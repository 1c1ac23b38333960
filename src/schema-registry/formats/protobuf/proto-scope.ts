// Which type a name means: protobuf's rule looks for it in the innermost message first, then outwards, then in the package
// and its parents. All files that a schema imports, and those that everybody has, are one world.
import type { SchemaReference } from '../schema-format.ts';
import {
  isMapEntry,
  type ProtoEnum,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ProtoType,
} from './proto-file.ts';

export interface KnownType {
  readonly fullName: string;
  readonly type: ProtoType;
  readonly packageName: string;
  /** The name without the package: `Outer.Inner`. */
  readonly localName: string;
  readonly file: ProtoFile;
  /** `map<key, value>` when the message is what a compiler makes of a map. */
  readonly mapType: string | undefined;
  readonly reference: SchemaReference | undefined;
}

export interface KnownExtension {
  readonly fullName: string;
  readonly field: ProtoField;
  /** As written after `extend`, and where. */
  readonly extendee: string;
  readonly scope: string;
}

export class ProtoScope {
  private readonly types = new Map<string, KnownType>();
  private readonly extensions = new Map<string, KnownExtension>();
  private byExtendee: Map<string, Map<number, KnownExtension>> | undefined;

  /** What a later file calls the same stands for it. */
  add(file: ProtoFile, reference?: SchemaReference): void {
    this.byExtendee = undefined;
    const space = file.packageName ?? '';
    this.addExtensions(file.extends, space);
    this.addTypes(file.types, '', file, reference);
  }

  private addTypes(
    types: readonly ProtoType[],
    outer: string,
    file: ProtoFile,
    reference: SchemaReference | undefined,
  ): void {
    const packageName = file.packageName ?? '';
    for (const type of types) {
      const localName = join(outer, type.name);
      const fullName = join(packageName, localName);
      const mapType = isMapEntry(type) ? mapTypeOf(type as ProtoMessage) : undefined;
      this.types.set(fullName, { fullName, type, packageName, localName, file, mapType, reference });
      if (type.kind !== 'message') continue;
      this.addExtensions(type.extends, fullName);
      this.addTypes(type.types, localName, file, reference);
    }
  }

  private addExtensions(extend: ProtoFile['extends'], scope: string): void {
    for (const { name: extendee, fields } of extend)
      for (const field of fields) {
        const fullName = join(scope, field.name);
        this.extensions.set(fullName, { fullName, field, extendee, scope });
      }
  }

  /** `scope` is the full name of the message, or the package, inside which the name was written. */
  find(name: string, scope: string): KnownType | undefined {
    return look(this.types, name, scope);
  }

  findExtension(name: string, scope: string): KnownExtension | undefined {
    return look(this.extensions, name, scope);
  }

  get(fullName: string): KnownType | undefined {
    return this.types.get(fullName);
  }

  /** Those of a message, by number. */
  extensionsOf(fullName: string): ReadonlyMap<number, KnownExtension> {
    this.byExtendee ??= this.grouped();
    return this.byExtendee.get(fullName) ?? new Map();
  }

  private grouped(): Map<string, Map<number, KnownExtension>> {
    const groups = new Map<string, Map<number, KnownExtension>>();
    for (const extension of this.extensions.values()) {
      const extendee = this.find(extension.extendee, extension.scope)?.fullName ?? '';
      const group = groups.get(extendee) ?? new Map<number, KnownExtension>();
      groups.set(extendee, group.set(extension.field.number, extension));
    }
    return groups;
  }
}

export const join = (outer: string, name: string): string => (outer === '' ? name : `${outer}.${name}`);

function look<T>(known: ReadonlyMap<string, T>, name: string, scope: string): T | undefined {
  if (name.startsWith('.')) return known.get(name.slice(1));
  for (let outer = scope; outer !== ''; outer = outer.slice(0, Math.max(0, outer.lastIndexOf('.')))) {
    const found = known.get(`${outer}.${name}`);
    if (found !== undefined) return found;
  }
  return known.get(name);
}

function mapTypeOf(message: ProtoMessage): string | undefined {
  const key = message.fields.find((field) => field.name === 'key');
  const value = message.fields.find((field) => field.name === 'value');
  return key === undefined || value === undefined ? undefined : `map<${key.type}, ${value.type}>`;
}

export const isEnum = (known: KnownType | undefined): known is KnownType & { type: ProtoEnum } =>
  known?.type.kind === 'enum';

/** Whether a file declares extensions, at its top or in a message. */
export function declaresExtensions({ extends: own, types }: Pick<ProtoFile, 'extends' | 'types'>): boolean {
  return own.length > 0 || types.some((type) => type.kind === 'message' && declaresExtensions(type));
}
