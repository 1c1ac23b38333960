// What lies in a partition, read by the suites' own client: what a client wrote is not judged by the client that wrote it.

import { same } from '../suite.ts';
import { WireConnection } from '../wire/connection.ts';
import { type BatchView, batchesOf, type RecordView, recordsOf } from '../wire/record-batch.ts';
import { fetch, metadata } from '../wire/requests.ts';

/** Every batch up to the high watermark, as the leader has it; a follower may not know of it yet. A fetch ends with the segment, and old timestamps beside new ones roll it. */
export async function storedBatches(wire: WireConnection, topic: string, partition = 0): Promise<BatchView[]> {
  const address = await leaderOf(wire, topic, partition);
  if (address === undefined) return batchesOn(wire, topic, partition);
  const connection = await WireConnection.open(address);
  try {
    return await batchesOn(connection, topic, partition);
  } finally {
    await connection.close();
  }
}

/** undefined: there is one broker, or nobody leads it for seconds. A node hears of what another one has made a moment later. */
async function leaderOf(wire: WireConnection, topic: string, partition: number): Promise<string | undefined> {
  for (let looks = 0; looks < 50; looks++) {
    const { brokers, topics } = await metadata(wire, [topic]);
    if (brokers.length <= 1) return undefined;
    const leader = topics[0]?.partitions.find(({ index }) => index === partition)?.leader;
    const found = brokers.find(({ id }) => id === leader);
    if (found !== undefined) return found.address;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
}

async function batchesOn(wire: WireConnection, topic: string, partition: number): Promise<BatchView[]> {
  const batches: BatchView[] = [];
  for (let offset = 0; ; offset = (batches.at(-1)?.lastOffset ?? -1) + 1) {
    const { errorCode, records, highWatermark } = await fetch(wire, { topic, partition, offset });
    same(errorCode, 0, 'fetch');
    const read = [...batchesOf(records)];
    batches.push(...read);
    if (read.length === 0 || (read.at(-1)?.lastOffset ?? 0) + 1 >= highWatermark) return batches;
  }
}

export async function storedRecords(wire: WireConnection, topic: string, partition = 0): Promise<RecordView[]> {
  return (await storedBatches(wire, topic, partition)).flatMap((batch) => [...recordsOf(batch)]);
}
