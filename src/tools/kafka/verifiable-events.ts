// The events of the verifiable tools: JSON, one object a line, each with its time, in the order in which Kafka's have their fields.
import { print, type ToolIo } from '../tool-io.ts';

export function tellEvent(io: ToolIo, name: string, fields: Readonly<Record<string, unknown>> = {}): void {
  print(
    io,
    JSON.stringify({ timestamp: io.runtime.clock.nowMs(), name, ...fields }, (_, value: unknown) =>
      typeof value === 'bigint' ? Number(value) : value,
    ),
  );
}

export interface CountedPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Items by their partitions, in the order in which these come. */
export function byPartition<T extends CountedPartition>(items: readonly T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = `${item.topic}-${item.partition}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}
