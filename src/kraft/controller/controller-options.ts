// What a controller is made of, and told.
import type { Logger } from '../../runtime/index.ts';
import type { BrokerRegistration, MetadataRecord } from '../metadata/index.ts';
import type { ConfigPolicy } from './configs/config-policy.ts';
import type { CommittedMetadata, ControllerLog } from './operation-runner.ts';
import type { CredentialOptions } from './security/credential-operations.ts';
import type { TopicDefaults } from './topics/topic-creation.ts';

/** What the controller does of its own accord, and how often. */
export interface ControllerIntervals {
  /** broker.session.timeout.ms */
  readonly brokerSessionTimeoutMs: number;
  /** metadata.max.idle.interval.ms: records that say nothing, in a cluster of several nodes; 0: none. */
  readonly maxIdleIntervalMs: number;
  /** leader.imbalance.check.interval.seconds, in milliseconds; undefined without auto.leader.rebalance.enable. */
  readonly leaderBalanceIntervalMs: number | undefined;
  /** unclean.leader.election.interval.ms */
  readonly uncleanElectionIntervalMs: number;
}

export interface ControllerOptions extends CredentialOptions {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly log: ControllerLog;
  readonly committed: CommittedMetadata;
  readonly bootstrapRecords: readonly MetadataRecord[];
  readonly policy: ConfigPolicy;
  readonly defaults: TopicDefaults;
  /** delete.topic.enable */
  readonly isTopicDeletionEnabled: boolean;
  readonly intervals: ControllerIntervals;
  /** The connection over which an unfenced broker was heard last has closed; see controller.ts. */
  readonly onBrokerCutOff?: (broker: BrokerRegistration) => void;
  readonly logger: Logger;
}
