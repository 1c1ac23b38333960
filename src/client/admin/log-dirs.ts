// Directories of brokers and the replicas in them: each broker is asked for its own.
import { KafkaError } from '../../protocol/index.ts';
import { AlterReplicaLogDirs } from '../../protocol/messages/34-alter-replica-log-dirs.ts';
import { DescribeLogDirs } from '../../protocol/messages/35-describe-log-dirs.ts';
import { type ClientError, clientErrorOf } from '../errors.ts';
import type { Asking } from './asking.ts';
import {
  answerFor,
  byTopic,
  failureOf,
  grouped,
  type Outcome,
  type OutcomeFor,
  placeOf,
  throwIfFailed,
  type TopicPartition,
} from './outcomes.ts';

export interface ReplicaInfo extends TopicPartition {
  readonly sizeBytes: number;
  /** How far behind the high watermark; of a future replica, behind the current one. */
  readonly offsetLag: number;
  /** On its way to this directory. */
  readonly isFuture: boolean;
}

export interface LogDirDescription {
  /** The directory is lost. */
  readonly error: ClientError | undefined;
  readonly replicas: readonly ReplicaInfo[];
  /** Of the volume, from Kafka 3.3 on. */
  readonly totalBytes: number | undefined;
  readonly usableBytes: number | undefined;
  /** No new replicas come here (KIP-1066). */
  readonly isCordoned: boolean;
}

/** By broker, then by path; of all partitions, or of these. */
export async function describeLogDirs(
  asking: Asking,
  brokerIds: readonly number[],
  places?: readonly TopicPartition[],
): Promise<Map<number, Outcome<ReadonlyMap<string, LogDirDescription>>>> {
  const topics =
    places === undefined ? null : [...byTopic(places)].map(([topic, list]) => ({ topic, partitions: numbers(list) }));
  return eachBroker(asking, brokerIds, async (id) => {
    const { errorCode, results } = await asking.node(id, DescribeLogDirs, { topics });
    throwIfFailed(errorCode);
    return new Map(
      results.map((one) => [
        one.logDir,
        {
          error: failureOf(one.errorCode),
          replicas: one.topics.flatMap(({ name, partitions }) =>
            partitions.map(({ partitionIndex, partitionSize, offsetLag, isFutureKey }) => ({
              topic: name,
              partition: partitionIndex,
              sizeBytes: partitionSize,
              offsetLag,
              isFuture: isFutureKey,
            })),
          ),
          totalBytes: one.totalBytes < 0 ? undefined : one.totalBytes,
          usableBytes: one.usableBytes < 0 ? undefined : one.usableBytes,
          isCordoned: one.isCordoned,
        },
      ]),
    );
  });
}

const numbers = (places: readonly TopicPartition[]): number[] => places.map(({ partition }) => partition);

async function eachBroker<T>(
  asking: Asking,
  brokerIds: readonly number[],
  ask: (brokerId: number) => Promise<T>,
): Promise<Map<number, Outcome<T>>> {
  const answers = brokerIds.map(async (id): Promise<[number, Outcome<T>]> => {
    try {
      return [id, await asking.retrying(() => ask(id))];
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return [id, clientErrorOf(error) as ClientError];
    }
  });
  return new Map(await Promise.all(answers));
}

export interface BrokerReplica extends TopicPartition {
  readonly brokerId: number;
}

export interface ReplicaToMove extends BrokerReplica {
  /** An absolute path, as the broker's log.dirs have it. */
  readonly logDir: string;
}

/** In the order given: whether it has begun. */
export async function alterReplicaLogDirs(
  asking: Asking,
  moves: readonly ReplicaToMove[],
): Promise<OutcomeFor<BrokerReplica, undefined>[]> {
  const byBroker = grouped(moves, ({ brokerId }) => brokerId);
  const answers = await eachBroker(asking, [...byBroker.keys()], async (id) => {
    const dirs = [...grouped(byBroker.get(id) ?? [], ({ logDir }) => logDir)].map(([path, list]) => ({
      path,
      topics: [...byTopic(list)].map(([name, some]) => ({ name, partitions: numbers(some) })),
    }));
    const { results } = await asking.node(id, AlterReplicaLogDirs, { dirs });
    return new Map(
      results.flatMap(({ topicName, partitions }) =>
        partitions.map((one) => [
          placeOf({ topic: topicName, partition: one.partitionIndex }),
          failureOf(one.errorCode),
        ]),
      ),
    );
  });
  return moves.map(({ topic, partition, brokerId }) => {
    const answer = answers.get(brokerId);
    const result = answer instanceof Map ? answerFor(answer, placeOf({ topic, partition })) : (answer as ClientError);
    return { topic, partition, brokerId, result };
  });
}

export interface ReplicaLogDir {
  /** undefined: the broker has no such replica, or it is on its way nowhere. */
  readonly currentLogDir: string | undefined;
  readonly currentOffsetLag: number;
  readonly futureLogDir: string | undefined;
  readonly futureOffsetLag: number;
}

/** In the order given. */
export async function describeReplicaLogDirs(
  asking: Asking,
  replicas: readonly BrokerReplica[],
): Promise<OutcomeFor<BrokerReplica, ReplicaLogDir>[]> {
  const byBroker = grouped(replicas, ({ brokerId }) => brokerId);
  const found = await Promise.all(
    [...byBroker].map(async ([id, list]) => [...(await describeLogDirs(asking, [id], list))]),
  );
  const dirs = new Map(found.flat());
  return replicas.map(({ topic, partition, brokerId }) => {
    const answer = dirs.get(brokerId) as Outcome<ReadonlyMap<string, LogDirDescription>>;
    const result = answer instanceof Map ? whereIs({ topic, partition }, answer) : (answer as ClientError);
    return { topic, partition, brokerId, result };
  });
}

const NOWHERE: ReplicaLogDir = {
  currentLogDir: undefined,
  currentOffsetLag: -1,
  futureLogDir: undefined,
  futureOffsetLag: -1,
};

function whereIs(place: TopicPartition, dirs: ReadonlyMap<string, LogDirDescription>): Outcome<ReplicaLogDir> {
  let where = NOWHERE;
  for (const [path, { error, replicas }] of dirs) {
    // A lost directory tells of no replicas, so nothing can be said of the others either.
    if (error !== undefined && error.code !== STORAGE_ERROR) return error;
    const replica = replicas.find(({ topic, partition }) => topic === place.topic && partition === place.partition);
    if (replica === undefined) continue;
    const { offsetLag, isFuture } = replica;
    where = isFuture
      ? { ...where, futureLogDir: path, futureOffsetLag: offsetLag }
      : { ...where, currentLogDir: path, currentOffsetLag: offsetLag };
  }
  return where;
}

const STORAGE_ERROR = 'KAFKA_STORAGE_ERROR';
