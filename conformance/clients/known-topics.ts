// Brokers of a cluster hear of a new topic one after the other.

import { WireConnection } from '../wire/connection.ts';
import { metadata } from '../wire/requests.ts';
import { until } from './checks.ts';

/** Resolves when each of the brokers names a leader of every one of these partitions. */
export async function knownTo(addresses: readonly string[], topic: string, partitions: number): Promise<void> {
  for (const address of addresses) {
    const connection = await WireConnection.open(address);
    const isKnown = async (): Promise<boolean> => {
      const { topics } = await metadata(connection, [topic]);
      return topics[0]?.partitions.filter(({ leader }) => leader >= 0).length === partitions;
    };
    await until(isKnown, `${topic} on ${address}`).finally(() => connection.close());
  }
}
