// The order in which Java walks a HashSet of options: by the hash of their names (AbstractOptionSpec.hashCode is that of the list).
import { javaHash } from '../../../protocol/index.ts';
import { hashOrder } from '../java-order.ts';
import type { Option } from './option.ts';

export function hashOrderOfOptions(options: readonly Option[]): Option[] {
  return hashOrder(options, ({ names }) => names.reduce((hash, name) => (Math.imul(31, hash) + javaHash(name)) | 0, 1));
}
