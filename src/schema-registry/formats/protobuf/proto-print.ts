// The canonical text of a .proto file, which decides about a schema's id: two blanks of indentation, no comments; imports,
// options, messages, enums, extensions, services in this order, a blank line between the kinds; the same within a message
// (reserved numbers first, then options, fields, oneofs, groups, extensions, messages, enums).
import {
  enumsOf,
  MAX_FIELD_NUMBER,
  messagesOf,
  type ProtoConstant,
  type ProtoEnum,
  type ProtoExtend,
  type ProtoField,
  type ProtoFile,
  type ProtoGroup,
  type ProtoMessage,
  type ProtoMethod,
  type ProtoOneof,
  type ProtoRanges,
  type ProtoService,
  type ProtoType,
} from './proto-file.ts';
import { bracketOptions, indented, optionStatement, quoted } from './proto-option-print.ts';

export function printProto(file: ProtoFile): string {
  const head =
    (file.syntax === undefined ? '' : `${file.isEdition ? 'edition' : 'syntax'} = "${file.syntax}";\n`) +
    (file.packageName === undefined ? '' : `package ${file.packageName};\n`);
  return [
    head,
    ...sections([
      [
        ...file.imports.map((path) => `import "${path}";\n`),
        ...file.publicImports.map((path) => `import public "${path}";\n`),
        ...file.weakImports.map((path) => `import weak "${path}";\n`),
      ],
      file.options.map(optionStatement),
      printTypes(file.types),
      file.extends.map(printExtend),
      file.services.map(printService),
    ]),
  ].join('');
}

/** Each that is not empty, with a line break in front: it ends the line of a brace, or leaves a blank line. */
function sections(parts: readonly (readonly string[])[]): string[] {
  return parts.filter((part) => part.length > 0).map((part) => `\n${part.join('')}`);
}

/** `head {`, the sections indented, `}`. */
function block(head: string, parts: readonly (readonly string[])[]): string {
  return `${head} {${sections(parts)
    .map((part) => indented(part))
    .join('')}}\n`;
}

function printTypes(types: readonly ProtoType[]): string[] {
  return [...messagesOf(types).map(printMessage), ...enumsOf(types).map(printEnum)];
}

function printMessage(message: ProtoMessage): string {
  return block(`message ${message.name}`, [
    message.reserved.map(printReserved),
    message.options.map(optionStatement),
    message.fields.map(printField),
    message.oneofs.map(printOneof),
    message.groups.map(printGroup),
    message.extensions.map(printExtensions),
    message.extends.map(printExtend),
    printTypes(message.types),
  ]);
}

function printField(field: ProtoField): string {
  const label = field.label === undefined ? '' : `${field.label} `;
  return `${label}${field.type} ${field.name} = ${field.number}${bracketOptions(specialLast(field.options))};\n`;
}

/** `default` and `json_name` are no options of the descriptor, and come last. */
function specialLast(options: ProtoField['options']): ProtoField['options'] {
  const isSpecial = (name: string) => (option: ProtoField['options'][number]) =>
    option.name === name && !option.inParentheses && option.path.length === 0;
  const defaults = options.filter(isSpecial('default')).slice(-1);
  const names = options.filter(isSpecial('json_name')).slice(-1);
  const others = options.filter((option) => !isSpecial('default')(option) && !isSpecial('json_name')(option));
  return [...others, ...defaults, ...names];
}

function printOneof(oneof: ProtoOneof): string {
  return block(`oneof ${oneof.name}`, [
    oneof.options.map(optionStatement),
    oneof.fields.map(printField),
    oneof.groups.map(printGroup),
  ]);
}

function printGroup(group: ProtoGroup): string {
  const label = group.label === undefined ? '' : `${group.label} `;
  return block(`${label}group ${group.name} = ${group.number}`, [group.fields.map(printField)]);
}

function printExtend(extend: ProtoExtend): string {
  return block(`extend ${extend.name}`, [extend.fields.map(printField)]);
}

/** Reserved numbers and what follows stand without a blank line between them. */
function printEnum(type: ProtoEnum): string {
  return block(`enum ${type.name}`, [
    [...type.reserved.map(printReserved), ...type.options.map(optionStatement), ...type.constants.map(printConstant)],
  ]);
}

function printConstant(constant: ProtoConstant): string {
  return `${constant.name} = ${constant.number}${bracketOptions(constant.options)};\n`;
}

const printReserved = (ranges: ProtoRanges): string => `reserved ${printRanges(ranges)};\n`;
const printExtensions = (ranges: ProtoRanges): string =>
  `extensions ${printRanges(ranges)}${bracketOptions(ranges.options)};\n`;

function printRanges(ranges: ProtoRanges): string {
  return ranges.values
    .map((value) => {
      if (typeof value === 'string') return quoted(value);
      if (typeof value === 'number') return String(value);
      return `${value.from} to ${value.to < MAX_FIELD_NUMBER ? value.to : 'max'}`;
    })
    .join(', ');
}

function printService(service: ProtoService): string {
  return block(`service ${service.name}`, [service.options.map(optionStatement), service.methods.map(printMethod)]);
}

function printMethod(method: ProtoMethod): string {
  const type = (streams: boolean, name: string) => `(${streams ? 'stream ' : ''}${name})`;
  const head = `rpc ${method.name} ${type(method.requestStreams, method.requestType)} returns ${type(method.responseStreams, method.responseType)}`;
  if (method.options.length === 0) return `${head};\n`;
  return `${head} {\n${indented(method.options.map(optionStatement).join(''))}};\n`;
}
