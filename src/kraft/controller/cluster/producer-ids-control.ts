// Blocks of producer ids (KIP-730): each is given out once, to one broker.
import { addInt64, Errors, type Int64, KafkaError } from '../../../protocol/index.ts';
import type { MetadataImage } from '../../metadata/index.ts';
import { checkBrokerEpoch } from './cluster-control.ts';
import type { Outcome } from '../operation.ts';

export const PRODUCER_ID_BLOCK_SIZE = 1000;
const LAST_BLOCK_START = 2n ** 63n - 1n - BigInt(PRODUCER_ID_BLOCK_SIZE);

export interface ProducerIdBlock {
  readonly start: Int64;
  readonly length: number;
}

/** Throws KafkaError STALE_BROKER_EPOCH, UNKNOWN_SERVER_ERROR when no ids are left. */
export function allocateProducerIds(
  image: MetadataImage,
  brokerId: number,
  brokerEpoch: number,
): Outcome<ProducerIdBlock> {
  checkBrokerEpoch(image, brokerId, brokerEpoch);
  const start = image.nextProducerId > 0 ? image.nextProducerId : 0;
  if (start > LAST_BLOCK_START) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR, 'Exhausted all producer ids');
  const nextProducerId = addInt64(start, PRODUCER_ID_BLOCK_SIZE);
  return {
    records: [{ type: 'ProducerIdsRecord', version: 0, brokerId, brokerEpoch, nextProducerId }],
    response: { start, length: PRODUCER_ID_BLOCK_SIZE },
  };
}
