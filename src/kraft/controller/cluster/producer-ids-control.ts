// Blocks of producer ids (KIP-730): each is given out once, to one broker.
import { addInt64, Errors, KafkaError } from '../../../protocol/index.ts';
import type {
  AllocateProducerIdsRequest,
  AllocateProducerIdsResponse,
} from '../../../protocol/messages/67-allocate-producer-ids.ts';
import type { MetadataImage } from '../../metadata/index.ts';
import { checkBrokerEpoch } from './broker-heartbeat.ts';
import type { Outcome } from '../operation.ts';

const PRODUCER_ID_BLOCK_SIZE = 1000;
const LAST_BLOCK_START = 2n ** 63n - 1n - BigInt(PRODUCER_ID_BLOCK_SIZE);

/** Throws KafkaError STALE_BROKER_EPOCH, UNKNOWN_SERVER_ERROR when no ids are left. */
export function allocateProducerIds(
  image: MetadataImage,
  { brokerId, brokerEpoch }: AllocateProducerIdsRequest,
): Outcome<AllocateProducerIdsResponse> {
  checkBrokerEpoch(image, brokerId, brokerEpoch);
  const producerIdStart = image.nextProducerId > 0 ? image.nextProducerId : 0;
  if (producerIdStart > LAST_BLOCK_START)
    throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR, 'Exhausted all producer ids');
  const nextProducerId = addInt64(producerIdStart, PRODUCER_ID_BLOCK_SIZE);
  return {
    records: [{ type: 'ProducerIdsRecord', version: 0, brokerId, brokerEpoch, nextProducerId }],
    response: { errorCode: Errors.NONE, producerIdStart, producerIdLen: PRODUCER_ID_BLOCK_SIZE },
  };
}
