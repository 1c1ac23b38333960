// The part of the Admin that is about the cluster: its nodes, quorum, features, replicas, directories and transactions.
import type { CallOptions } from '../connections/patience.ts';
import type { DescribeClusterOptions } from './cluster.ts';
import type { DescribeFeaturesOptions, FeatureUpdate, UpdateFeaturesOptions } from './features.ts';
import type { BrokerReplica, ReplicaToMove } from './log-dirs.ts';
import { type TopicPartition, valueOf } from './outcomes.ts';
import type { DescribeProducersOptions, HangingTransaction } from './partition-producers.ts';
import type { QuorumEndpoint, RaftVoter, RaftVoterOptions } from './quorum.ts';
import type { AlterReassignmentsOptions, ElectionType, WantedReplicas } from './reassignment.ts';
import { SecurityAdmin } from './security-admin.ts';
import type { ListTransactionsOptions } from './transactions.ts';

const logDirs = () => import('./log-dirs.ts');
const producers = () => import('./partition-producers.ts');
const quorum = () => import('./quorum.ts');
const replicas = () => import('./reassignment.ts');
const transactions = () => import('./transactions.ts');

export class ClusterAdmin extends SecurityAdmin {
  describeCluster(how: DescribeClusterOptions = {}) {
    return this.run(how, async (asking) => (await import('./cluster.ts')).describeCluster(asking, how));
  }

  /** Takes a broker that has gone for good out of the metadata. */
  unregisterBroker(brokerId: number, how: CallOptions = {}) {
    return this.run(how, async (asking) => (await import('./cluster.ts')).unregisterBroker(asking, brokerId));
  }

  describeFeatures(how: DescribeFeaturesOptions = {}) {
    return this.run(how, async (asking) => (await import('./features.ts')).describeFeatures(asking, how));
  }

  /** By feature. */
  updateFeatures(updates: Readonly<Record<string, FeatureUpdate>>, how: UpdateFeaturesOptions = {}) {
    return this.run(how, async (asking) => (await import('./features.ts')).updateFeatures(asking, updates, how));
  }

  describeMetadataQuorum(how: CallOptions = {}) {
    return this.run(how, async (asking) => (await quorum()).describeMetadataQuorum(asking));
  }

  addRaftVoter(voter: RaftVoter, endpoints: readonly QuorumEndpoint[], how: RaftVoterOptions = {}) {
    return this.run(how, async (asking) => (await quorum()).addRaftVoter(asking, voter, endpoints, how));
  }

  removeRaftVoter(voter: RaftVoter, how: RaftVoterOptions = {}) {
    return this.run(how, async (asking) => (await quorum()).removeRaftVoter(asking, voter, how));
  }

  /** Of all partitions when none is named: then only those are answered that there is something to tell of. */
  electLeaders(type: ElectionType, places?: readonly TopicPartition[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await replicas()).electLeaders(asking, type, places));
  }

  /** Answers whether they have begun. */
  alterPartitionReassignments(wanted: readonly WantedReplicas[], how: AlterReassignmentsOptions = {}) {
    return this.run(how, async (asking) => (await replicas()).alterPartitionReassignments(asking, wanted, how));
  }

  /** What is under way, of these partitions or of all. */
  listPartitionReassignments(places?: readonly TopicPartition[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await replicas()).listPartitionReassignments(asking, places));
  }

  /** By broker, then by path. */
  describeLogDirs(brokerIds: readonly number[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await logDirs()).describeLogDirs(asking, brokerIds));
  }

  describeReplicaLogDirs(asked: readonly BrokerReplica[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await logDirs()).describeReplicaLogDirs(asking, asked));
  }

  /** Answers whether they have begun. */
  alterReplicaLogDirs(moves: readonly ReplicaToMove[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await logDirs()).alterReplicaLogDirs(asking, moves));
  }

  describeTransactions(transactionalIds: readonly string[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await transactions()).describeTransactions(asking, transactionalIds));
  }

  /** By coordinator. */
  listTransactions(how: ListTransactionsOptions = {}) {
    return this.run(how, async (asking) => (await transactions()).listTransactions(asking, how));
  }

  /** What these producers have open is aborted; they can do no more. */
  fenceProducers(transactionalIds: readonly string[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await transactions()).fenceProducers(asking, transactionalIds));
  }

  /** The same for one transactional id (KIP-939). Rejects when it cannot be done. */
  async forceTerminateTransaction(transactionalId: string, how: CallOptions = {}): Promise<void> {
    for (const outcome of (await this.fenceProducers([transactionalId], how)).values()) valueOf(outcome);
  }

  describeProducers(places: readonly TopicPartition[], how: DescribeProducersOptions = {}) {
    return this.run(how, async (asking) => (await producers()).describeProducers(asking, places, how));
  }

  /** Ends a transaction that hangs in one partition. */
  abortTransaction(hanging: HangingTransaction, how: CallOptions = {}) {
    return this.run(how, async (asking) => (await producers()).abortTransaction(asking, hanging));
  }
}
