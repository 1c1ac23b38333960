// Ways in which a file can come to hold what was never written to it.
import { type Disk, type Random, randomInt } from '../../src/runtime/index.ts';

export const DAMAGES = ['zeros', 'cut', 'doubled', 'removed', 'random', 'bit', 'stale', 'missing', 'empty'] as const;
export type Damage = (typeof DAMAGES)[number];

/** Damages the file at `path`; what was done, in words. */
export function damage(disk: Disk, path: string, kind: Damage, random: Random): string {
  const bytes = Buffer.from(disk.readFileSync(path));
  const from = randomInt(random, 0, bytes.length + 1);
  const length = Math.min(bytes.length - from, lengthOf(bytes, random));
  const what = `${kind} in ${path} from ${from}, ${length} of ${bytes.length} bytes`;
  if (kind === 'missing') disk.removeSync(path);
  else disk.writeFileSync(path, damaged(bytes, kind, from, length, random));
  return what;
}

/** Often a page or the size of an index entry, as disks and hasty scripts have it. */
function lengthOf(bytes: Buffer, random: Random): number {
  const sizes = [1, 4, 8, 12, 34, 61, 512, 4096];
  return random.next() < 0.6
    ? (sizes[randomInt(random, 0, sizes.length)] as number)
    : randomInt(random, 1, Math.max(2, bytes.length));
}

function damaged(bytes: Buffer, kind: Damage, from: number, length: number, random: Random): Buffer {
  const end = from + length;
  switch (kind) {
    case 'zeros':
      return Buffer.from(bytes).fill(0, from, end);
    case 'cut':
      return bytes.subarray(0, from);
    case 'doubled':
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(from)]);
    case 'removed':
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(end)]);
    case 'random':
      return Buffer.concat([bytes.subarray(0, from), random.bytes(length), bytes.subarray(end)]);
    case 'bit': {
      const changed = Buffer.from(bytes);
      if (from < bytes.length) changed[from] = (changed[from] as number) ^ (1 << randomInt(random, 0, 8));
      return changed;
    }
    case 'stale': {
      const other = randomInt(random, 0, bytes.length - length + 1);
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(other, other + length), bytes.subarray(end)]);
    }
    default:
      return Buffer.alloc(0);
  }
}
