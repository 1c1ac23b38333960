// A file without what it extends, and without custom options but Confluent's own (`format=ignore_extensions`).
import type { ProtoField, ProtoFile, ProtoOption, ProtoType } from './proto-file.ts';

export function withoutExtensions(file: ProtoFile): ProtoFile {
  return {
    ...file,
    extends: [],
    options: file.options.filter(isKept),
    types: file.types.map(withoutIn),
    services: file.services.map((service) => ({
      ...service,
      options: service.options.filter(isKept),
      methods: service.methods.map((method) => ({ ...method, options: method.options.filter(isKept) })),
    })),
  };
}

const isKept = (option: ProtoOption): boolean => !option.inParentheses || option.name.startsWith('confluent.');

function withoutIn(type: ProtoType): ProtoType {
  const options = type.options.filter(isKept);
  if (type.kind === 'enum') {
    const constants = type.constants.map((constant) => ({ ...constant, options: constant.options.filter(isKept) }));
    return { ...type, options, constants };
  }
  const fields = (list: readonly ProtoField[]) =>
    list.map((field) => ({ ...field, options: field.options.filter(isKept) }));
  return {
    ...type,
    options,
    fields: fields(type.fields),
    oneofs: type.oneofs.map((oneof) => ({
      ...oneof,
      options: oneof.options.filter(isKept),
      fields: fields(oneof.fields),
    })),
    groups: type.groups.map((group) => ({ ...group, fields: fields(group.fields) })),
    extensions: [],
    extends: [],
    types: type.types.map(withoutIn),
  };
}
