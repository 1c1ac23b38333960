// What kcat says of errors: librdkafka's descriptions, by Kafka's code. Codes that it does not know are given as numbers.
import { Errors } from '../../protocol/index.ts';

const BROKER: ReadonlyMap<number, string> = new Map([
  [-1, 'Unknown broker error'],
  [1, 'Broker: Offset out of range'],
  [2, 'Broker: Invalid message'],
  [3, 'Broker: Unknown topic or partition'],
  [4, 'Broker: Invalid message size'],
  [5, 'Broker: Leader not available'],
  [6, 'Broker: Not leader for partition'],
  [7, 'Broker: Request timed out'],
  [8, 'Broker: Broker not available'],
  [9, 'Broker: Replica not available'],
  [10, 'Broker: Message size too large'],
  [12, 'Broker: Offset metadata string too large'],
  [13, 'Broker: Broker disconnected before response received'],
  [14, 'Broker: Coordinator load in progress'],
  [15, 'Broker: Coordinator not available'],
  [16, 'Broker: Not coordinator'],
  [17, 'Broker: Invalid topic'],
  [18, 'Broker: Message batch larger than configured server segment size'],
  [19, 'Broker: Not enough in-sync replicas'],
  [20, 'Broker: Message(s) written to insufficient number of in-sync replicas'],
  [21, 'Broker: Invalid required acks value'],
  [22, 'Broker: Specified group generation id is not valid'],
  [23, 'Broker: Inconsistent group protocol'],
  [24, 'Broker: Invalid group.id'],
  [25, 'Broker: Unknown member'],
  [26, 'Broker: Invalid session timeout'],
  [27, 'Broker: Group rebalance in progress'],
  [28, 'Broker: Commit offset data size is not valid'],
  [29, 'Broker: Topic authorization failed'],
  [30, 'Broker: Group authorization failed'],
  [31, 'Broker: Cluster authorization failed'],
  [32, 'Broker: Invalid timestamp'],
  [33, 'Broker: Unsupported SASL mechanism'],
  [34, 'Broker: Request not valid in current SASL state'],
  [35, 'Broker: API version not supported'],
  [41, 'Broker: Not controller for cluster'],
  [42, 'Broker: Invalid request'],
  [43, 'Broker: Message format on broker does not support request'],
  [44, 'Broker: Policy violation'],
  [45, 'Broker: Broker received an out of order sequence number'],
  [47, 'Broker: Producer attempted an operation with an old epoch'],
  [48, 'Broker: Producer attempted a transactional operation in an invalid state'],
  [49, 'Broker: Producer attempted to use a producer id which is not currently assigned to its transactional id'],
  [
    50,
    "Broker: Transaction timeout is larger than the maximum value allowed by the broker's max.transaction.timeout.ms",
  ],
  [
    51,
    'Broker: Producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing',
  ],
  [53, 'Broker: Transactional Id authorization failed'],
  [58, 'Broker: SASL Authentication failed'],
  [87, 'Broker: Broker failed to validate record'],
  [89, 'Broker: Unstable transactional offset commit'],
]);

export const LOCAL = {
  transport: 'Local: Broker transport failure',
  timedOut: 'Local: Timed out',
  unknownPartition: 'Local: Unknown partition',
  invalidArgument: 'Local: Invalid argument or configuration',
  messageTimedOut: 'Local: Message timed out',
} as const;

export function brokerErrorText(code: number): string {
  return BROKER.get(code) ?? (code === Errors.NONE ? 'Success' : `Err-${code}?`);
}
