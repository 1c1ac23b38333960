// kafka-replica-verification: whether the replicas of topics hold the same, by reading all of them (org.apache.kafka.tools.
// ReplicaVerificationTool). It goes on until it is stopped.
import { type Admin, allOf, ClientError, ClusterClient, type OffsetSpec } from '../../client/index.ts';
import { Errors, ZERO_UUID } from '../../protocol/index.ts';
import { Fetch } from '../../protocol/messages/01-fetch.ts';
import { delay } from '../../runtime/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { checkBootstrapServer } from './bootstrap-server.ts';
import { clientConfig } from './client-config.ts';
import { Exit } from './exit.ts';
import { javaDate } from './java-date.ts';
import { JavaError } from './java-error.ts';
import { logError } from './log-line.ts';
import { CommandOptions } from './options/command-options.ts';
import { INTEGER, LONG, valued } from './options/option.ts';
import { type CheckedPartition, type Verdict, verified } from './replica-buffer.ts';
import { toolWithTrace } from './run-tool.ts';
import { type TopicFilter, topicFilter } from './topic-filter.ts';

const OPTIONS = {
  brokerList: valued('broker-list', 'REQUIRED: The list of hostname and port of the server to connect to.', {
    name: 'hostname:port,...,hostname:port',
  }),
  fetchSize: valued('fetch-size', 'The fetch size of each request.', {
    name: 'bytes',
    type: INTEGER,
    defaults: [1_048_576],
  }),
  maxWaitMs: valued('max-wait-ms', 'The max amount of time each fetch request waits.', {
    name: 'ms',
    type: INTEGER,
    defaults: [1000],
  }),
  topicsInclude: valued('topics-include', 'List of topics to verify replica consistency.', {
    name: 'Java regex (String)',
    defaults: ['.*'],
  }),
  time: valued('time', 'Timestamp for getting the initial offsets.', {
    name: 'timestamp/-1(latest)/-2(earliest)',
    type: LONG,
    defaults: [-1],
  }),
  reportInterval: valued('report-interval-ms', 'The reporting interval.', {
    name: 'ms',
    type: LONG,
    defaults: [30_000],
  }),
};

const LOGGER = 'org.apache.kafka.tools.ReplicaVerificationTool';
/** Whoever debugs may ask any replica. */
const replicaId = -2;
/** Fetch has it in a field of its own from this version on (KIP-903). */
const STATE_SINCE = 15;
/** Topics go by name up to this version of Fetch (KIP-516). */
const NEWEST_BY_NAME = 12;

export const replicaVerification = toolWithTrace(async (args, io) => {
  const options = new CommandOptions(io, args, OPTIONS);
  options.maybePrintHelpOrVersion('Validate that all replicas for a set of topics have the same data.');
  options.checkRequired(OPTIONS.brokerList);
  const servers = options.required(OPTIONS.brokerList);
  checkBootstrapServer(options, servers);
  await using client = new ClusterClient(clientConfig(io, servers, { 'client.id': 'replicaVerificationTool' }));
  const admin = client.admin();
  const replicas = await replicasOf(admin, options.required(OPTIONS.topicsInclude));
  if (replicas.length === 0) {
    const what = `[${OPTIONS.topicsInclude.names.join(', ')}]`;
    logError(
      io,
      LOGGER,
      `No topics found. ${what} if specified, is either filtering out all topics or there is no topic.`,
    );
    throw new Exit(1);
  }
  await start(admin, replicas, options.required(OPTIONS.time));
  await new Verification(io, client, replicas, options).run();
});

interface Replicated extends CheckedPartition {
  readonly topicId: string;
}

/** Looked at when there is a topic to hold against it. Throws JavaError. */
function filterOf(pattern: string): TopicFilter {
  try {
    return topicFilter(pattern);
  } catch (error) {
    if (!(error instanceof JavaError)) throw error;
    throw new JavaError(error.name, error.message.replace(/ regex\.$/, ' regex'));
  }
}

async function replicasOf(admin: Admin, pattern: string): Promise<Replicated[]> {
  const listed = await admin.listTopics();
  const filter = listed.length === 0 ? undefined : filterOf(pattern);
  const isWanted = (topic: string): boolean => filter?.allows(topic, true) === true;
  const described = allOf(await admin.describeTopics(listed.map(({ name }) => name).filter(isWanted)));
  return [...described.values()].flatMap(({ name: topic, topicId = ZERO_UUID, partitions }) =>
    partitions.map(({ partition, replicas }) => ({ topic, topicId, partition, replicas, offset: 0, answers: [] })),
  );
}

async function start(admin: Admin, partitions: readonly Replicated[], time: number): Promise<void> {
  const spec: OffsetSpec = time === -1 ? 'latest' : time === -2 ? 'earliest' : { timestamp: time };
  const found = await admin.listOffsets(partitions.map(({ topic, partition }) => ({ topic, partition, spec })));
  for (const [index, { result }] of found.entries()) {
    if (result instanceof ClientError) throw result;
    (partitions[index] as Replicated).offset = result.offset;
  }
}

class Verification {
  readonly #io: ToolIo;
  readonly #client: ClusterClient;
  readonly #partitions: readonly Replicated[];
  readonly #options: CommandOptions;
  #reportedMs: number;

  constructor(io: ToolIo, client: ClusterClient, partitions: readonly Replicated[], options: CommandOptions) {
    this.#io = io;
    this.#client = client;
    this.#partitions = partitions;
    this.#options = options;
    this.#reportedMs = io.runtime.clock.nowMs();
  }

  async run(): Promise<void> {
    const { signal } = this.#io;
    this.#tell('verification process is started.');
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    const brokers = [...new Set(this.#partitions.flatMap(({ replicas }) => replicas))];
    while (!signal.aborted) {
      await Promise.race([stopped, Promise.all(brokers.map((brokerId) => this.#fetch(brokerId)))]);
      if (signal.aborted) return;
      this.#report(verified(this.#partitions));
    }
  }

  #tell(text: string): void {
    print(this.#io, `${javaDate('yyyy-MM-dd HH:mm:ss,SSS', this.#io.runtime.clock.nowMs())}: ${text}`);
  }

  #report({ lines, isBroken, maxLag, place, offset }: Verdict): void {
    for (const line of lines) this.#tell(line);
    if (isBroken) throw new Exit(1);
    const nowMs = this.#io.runtime.clock.nowMs();
    if (nowMs - this.#reportedMs <= this.#options.required(OPTIONS.reportInterval)) return;
    this.#reportedMs = nowMs;
    const where = place === undefined ? 'null' : `${place.topic}-${place.partition}`;
    const among = `among ${this.#partitions.length} partitions`;
    this.#tell(`max lag is ${maxLag} for partition ${where} at offset ${offset} ${among}`);
  }

  /** Of a broker that does not answer nothing is compared in this round. */
  async #fetch(brokerId: number): Promise<void> {
    const own = this.#partitions.filter(({ replicas }) => replicas.includes(brokerId));
    const maxBytes = this.#options.required(OPTIONS.fetchSize);
    const maxWaitMs = this.#options.required(OPTIONS.maxWaitMs);
    const request = (version: number) => ({
      ...(version < STATE_SINCE ? { replicaId } : { replicaState: { replicaId } }),
      maxWaitMs,
      minBytes: 1,
      topics: byTopic(own, maxBytes),
      forgottenTopicsData: [],
    });
    try {
      const answer = await this.#client.askNode(brokerId, Fetch, request, {
        newestVersion: own.some(({ topicId }) => topicId === ZERO_UUID) ? NEWEST_BY_NAME : undefined,
        timeoutMs: this.#client.limits.requestTimeoutMs + maxWaitMs,
      });
      for (const { topic, topicId, partitions } of answer.responses) {
        for (const { partitionIndex, errorCode, highWatermark, records } of partitions) {
          const found = own.find(
            (one) => one.partition === partitionIndex && (topic === '' ? one.topicId === topicId : one.topic === topic),
          );
          if (found === undefined) continue;
          const isRead = errorCode === Errors.NONE && records !== null;
          found.answers.push({ brokerId, highWatermark, records: isRead ? records : Buffer.alloc(0) });
        }
      }
    } catch (error) {
      logError(this.#io, LOGGER, `Broker ${brokerId} has not answered: ${String(error)}`);
      for (const { answers } of own) answers.push({ brokerId, highWatermark: -1, records: Buffer.alloc(0) });
      await delay(this.#io.runtime.clock, maxWaitMs);
    }
  }
}

function byTopic(partitions: readonly Replicated[], partitionMaxBytes: number) {
  const topics = new Map<string, { topic: string; topicId: string; partitions: object[] }>();
  for (const { topic, topicId, partition, offset } of partitions) {
    const found = topics.get(topic) ?? { topic, topicId, partitions: [] };
    found.partitions.push({ partition, fetchOffset: offset, partitionMaxBytes });
    topics.set(topic, found);
  }
  return [...topics.values()] as {
    topic: string;
    topicId: string;
    partitions: { partition: number; fetchOffset: number; partitionMaxBytes: number }[];
  }[];
}
