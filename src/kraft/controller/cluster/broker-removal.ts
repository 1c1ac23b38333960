// UnregisterBroker (KIP-631): a broker that is gone for good is taken out of the cluster (Kafka:
// ReplicationControlManager.unregisterBroker).
import { Errors, KafkaError } from '../../../protocol/index.ts';
import type {
  UnregisterBrokerRequest,
  UnregisterBrokerResponse,
} from '../../../protocol/messages/64-unregister-broker.ts';
import type { ConfigPolicy } from '../configs/config-policy.ts';
import { leadershipRecords } from '../topics/leadership-control.ts';
import type { ControllerState, Outcome } from '../operation.ts';
import { joined } from './broker-heartbeat.ts';

/** Unregisters the broker; others lead what it led. Throws KafkaError BROKER_ID_NOT_REGISTERED. */
export function unregisterBroker(
  state: ControllerState,
  policy: ConfigPolicy,
  { brokerId }: UnregisterBrokerRequest,
): Outcome<UnregisterBrokerResponse> {
  const broker = state.image.cluster.brokers.get(brokerId);
  if (broker === undefined) {
    throw new KafkaError(Errors.BROKER_ID_NOT_REGISTERED, `Broker ID ${brokerId} is not currently registered`);
  }
  const moves = leadershipRecords(state, policy, { kind: 'leaves', brokerId });
  return {
    records: joined([moves, [{ type: 'UnregisterBrokerRecord', version: 0, brokerId, brokerEpoch: broker.epoch }]]),
    response: { errorCode: Errors.NONE, errorMessage: null },
  };
}
