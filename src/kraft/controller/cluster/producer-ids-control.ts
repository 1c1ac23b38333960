// Blocks of producer ids (KIP-730): each is given out once, to one broker.
import type { MetadataImage } from '../../metadata/index.ts';
import { checkBrokerEpoch } from './cluster-control.ts';
import type { Outcome } from '../operation.ts';

export const PRODUCER_ID_BLOCK_SIZE = 1000;

export interface ProducerIdBlock {
  readonly start: number;
  readonly length: number;
}

/** Throws KafkaError STALE_BROKER_EPOCH. */
export function allocateProducerIds(
  image: MetadataImage,
  brokerId: number,
  brokerEpoch: number,
): Outcome<ProducerIdBlock> {
  checkBrokerEpoch(image, brokerId, brokerEpoch);
  const start = Math.max(0, image.nextProducerId);
  const nextProducerId = start + PRODUCER_ID_BLOCK_SIZE;
  return {
    records: [{ type: 'ProducerIdsRecord', version: 0, brokerId, brokerEpoch, nextProducerId }],
    response: { start, length: PRODUCER_ID_BLOCK_SIZE },
  };
}
