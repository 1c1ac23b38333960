// Java's String.hashCode, by which Kafka finds the coordinator of a group or transactional id: its partition of
// __consumer_offsets, __transaction_state or __share_group_state. Part of the data format: it may never change.

/** String.hashCode: signed 32 bits over UTF-16 code units. */
export function javaHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

/** The partition of an internal topic that an id belongs to. Kafka's Utils.abs takes the smallest integer to 0. */
export function partitionForId(id: string, partitions: number): number {
  const hash = javaHash(id);
  return (hash === -0x8000_0000 ? 0 : Math.abs(hash)) % partitions;
}
