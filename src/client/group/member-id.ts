// Ids that members make for themselves (KIP-1082): random uuids.
import { uuidFromBytes } from '../../protocol/index.ts';
import type { Random } from '../../runtime/index.ts';

const BYTES = 16;

/** 22 characters, none of which is a minus in front: tools take ids as arguments. */
export function newMemberId(random: Random): string {
  for (;;) {
    const id = uuidFromBytes(Buffer.from(random.bytes(BYTES)));
    if (!id.startsWith('-')) return id;
  }
}
