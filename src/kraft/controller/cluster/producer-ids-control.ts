// Blocks of producer ids (KIP-730): each is given out once, to one broker.
import { Errors } from '../../../protocol/index.ts';
import type {
  AllocateProducerIdsRequest,
  AllocateProducerIdsResponse,
} from '../../../protocol/messages/67-allocate-producer-ids.ts';
import type { MetadataImage } from '../../metadata/index.ts';
import { checkBrokerEpoch } from './cluster-control.ts';
import type { Outcome } from '../operation.ts';

const PRODUCER_ID_BLOCK_SIZE = 1000;

/** Throws KafkaError STALE_BROKER_EPOCH. */
export function allocateProducerIds(
  image: MetadataImage,
  { brokerId, brokerEpoch }: AllocateProducerIdsRequest,
): Outcome<AllocateProducerIdsResponse> {
  checkBrokerEpoch(image, brokerId, brokerEpoch);
  const producerIdStart = Math.max(0, image.nextProducerId);
  const nextProducerId = producerIdStart + PRODUCER_ID_BLOCK_SIZE;
  return {
    records: [{ type: 'ProducerIdsRecord', version: 0, brokerId, brokerEpoch, nextProducerId }],
    response: { errorCode: Errors.NONE, producerIdStart, producerIdLen: PRODUCER_ID_BLOCK_SIZE },
  };
}
