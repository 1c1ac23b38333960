// Random ids as Kafka makes them (Uuid.randomUuid): version 4, none of the reserved ones, and none that begins with '-',
// which a command line would take for an option.
import { uuidFromBytes } from '../../protocol/index.ts';
import type { Random } from '../../runtime/index.ts';

const UUID_SIZE = 16;

export function randomUuid(random: Random): string {
  for (;;) {
    const bytes = Buffer.from(random.bytes(UUID_SIZE));
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
    const text = uuidFromBytes(bytes);
    if (!text.startsWith('-')) return text;
  }
}
