// Data held against a Protobuf schema: protobuf reads nearly everything, so what is looked for is a message that is no
// message, or that lacks what is required.
import protobuf from 'protobufjs';
import { type DataCheck, DataError, type ParsedSchema } from '../schema-format.ts';
import { wellKnownFiles } from './well-known.ts';
import { printProto } from './proto-print.ts';

export function protoDataCheck(schema: ParsedSchema): DataCheck {
  const root = new protobuf.Root();
  for (const [path, file] of wellKnownFiles()) if (!schema.resolved.has(path)) add(root, printProto(file));
  for (const text of schema.resolved.values()) add(root, text);
  const own = add(root, schema.canonicalText);
  root.resolveAll();
  return (payload, indexes = [0]) => {
    const type = messageAt(own, indexes);
    try {
      type.decode(payload);
    } catch (error) {
      throw new DataError(error instanceof Error ? error.message : String(error));
    }
  };
}

function add(root: protobuf.Root, text: string): protobuf.NamespaceBase {
  const { package: name } = protobuf.parse(text, root, { keepCase: true });
  return name === undefined ? root : (root.lookup(name) as protobuf.NamespaceBase);
}

/** Throws DataError when there is no message at the place. */
function messageAt(root: protobuf.NamespaceBase, indexes: readonly number[]): protobuf.Type {
  let place: protobuf.NamespaceBase = root;
  for (const index of indexes) {
    const next = place.nestedArray.filter((one): one is protobuf.Type => one instanceof protobuf.Type)[index];
    if (next === undefined) throw new DataError(`the schema has no message at [${indexes.join(', ')}]`);
    place = next;
  }
  if (!(place instanceof protobuf.Type)) throw new DataError('no message index');
  return place;
}
