// UnregisterBroker (KIP-631): a broker that is gone for good is taken out of the cluster (Kafka:
// ReplicationControlManager.unregisterBroker).
import { Errors, KafkaError } from '../../../protocol/index.ts';
import type {
  UnregisterBrokerRequest,
  UnregisterBrokerResponse,
} from '../../../protocol/messages/64-unregister-broker.ts';
import type { MetadataImage } from '../../metadata/index.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import { leadershipRecords } from '../topics/leadership-control.ts';
import type { Outcome } from '../operation.ts';

/** Unregisters the broker; others lead what it led. Throws KafkaError BROKER_ID_NOT_REGISTERED. */
export function unregisterBroker(
  image: MetadataImage,
  policy: ConfigPolicy,
  { brokerId }: UnregisterBrokerRequest,
): Outcome<UnregisterBrokerResponse> {
  const broker = image.cluster.brokers.get(brokerId);
  if (broker === undefined) {
    throw new KafkaError(Errors.BROKER_ID_NOT_REGISTERED, `Broker ID ${brokerId} is not currently registered`);
  }
  return {
    records: [
      ...leadershipRecords(image, policy, { kind: 'leaves', brokerId }),
      { type: 'UnregisterBrokerRecord', version: 0, brokerId, brokerEpoch: broker.epoch },
    ],
    response: { errorCode: Errors.NONE, errorMessage: null },
  };
}
