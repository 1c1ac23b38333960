// What `ottla doctor` has found out about a cluster, and how: questions only, nothing is changed. What cannot be asked (an old broker, no
// permission) is left out, and said.
import type { Admin, ConsumerGroupDescription, LogDirDescription, TopicDescription } from '../../../client/index.ts';
import { ApiVersions } from '../../../protocol/messages/18-api-versions.ts';
import { delay } from '../../../runtime/index.ts';
import type { CommandContext } from '../command-frame.ts';
import { isFailed } from '../outcome-rows.ts';

export interface BrokerFacts {
  readonly id: number;
  readonly address: string;
  readonly isFenced: boolean;
  /** Why nobody answers there; undefined: it answers. */
  readonly unreachable: string | undefined;
  /** Largest version of each API, as text: brokers of one kind have the same. */
  readonly apis: string | undefined;
}

export interface GroupFacts {
  readonly group: string;
  readonly state: string;
  readonly members: number;
  readonly lag: number;
  /** What was committed between two looks, in records; and what came in. */
  readonly progress: number;
  readonly growth: number;
}

export interface HangingFacts {
  readonly place: string;
  readonly producerId: string;
  readonly startOffset: number;
  readonly lastTimestamp: number;
}

export interface DiskFacts {
  readonly brokerId: number;
  readonly dir: string;
  readonly description: LogDirDescription;
}

export interface ClusterFacts {
  readonly nowMs: number;
  readonly brokers: readonly BrokerFacts[];
  readonly controllerId: number | undefined;
  readonly topics: readonly TopicDescription[];
  readonly minInsyncReplicas: ReadonlyMap<string, number>;
  readonly groups: readonly GroupFacts[];
  readonly hanging: readonly HangingFacts[];
  readonly longTransactions: readonly { readonly id: string; readonly openMs: number; readonly timeoutMs: number }[];
  readonly disks: readonly DiskFacts[];
  readonly quorum:
    | { readonly leaderId: number; readonly lag: ReadonlyMap<number, number>; readonly leaderNowMs: number | undefined }
    | undefined;
  /** What could not be looked at, and why. */
  readonly unasked: readonly string[];
}

const BETWEEN_LOOKS_MS = 2000;
const HOW_LONG_IS_HANGING_MS = 60_000;

/** Rejects with ClientError when nobody answers at all. */
export async function clusterFacts(context: CommandContext): Promise<ClusterFacts> {
  const admin = await context.admin();
  const cluster = await admin.describeCluster(context.call);
  const unasked: string[] = [];
  const may = async <T>(what: string, otherwise: T, ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (failure) {
      if (!(failure instanceof Error)) throw failure;
      unasked.push(`${what}: ${failure.message}`);
      return otherwise;
    }
  };
  const brokers = await Promise.all(cluster.nodes.map((node) => brokerFacts(context, node)));
  const reachable = brokers.filter((one) => one.unreachable === undefined).map(({ id }) => id);
  const topics = await may('topics', [], () => allTopics(context, admin));
  const hanging = await may('producers', [], () => hangingTransactions(context, admin, topics));
  return {
    nowMs: context.io.runtime.clock.nowMs(),
    brokers,
    controllerId: cluster.controllerId,
    topics,
    minInsyncReplicas: await may('configs of topics', new Map(), () => minInsync(context, admin, topics)),
    groups: await may('groups', [], () => groupFacts(context, admin)),
    hanging,
    longTransactions: await may('transactions', [], () => longTransactions(context, admin)),
    disks: await may('disks', [], () => diskFacts(context, admin, reachable)),
    quorum: await may('the metadata quorum', undefined, () => quorumFacts(context, admin)),
    unasked,
  };
}

interface Node {
  readonly id: number;
  readonly host: string;
  readonly port: number;
  readonly isFenced: boolean;
}

/** At the address that the broker itself gives to clients: where it cannot be reached clients cannot reach it. */
async function brokerFacts(context: CommandContext, { id, host, port, isFenced }: Node): Promise<BrokerFacts> {
  const known = { id, address: `${host}:${port}`, isFenced };
  const { ClusterClient } = await import('../../../client/index.ts');
  const limits = { ...context.clientConfig.limits, apiTimeoutMs: Math.min(context.timeoutMs, 5000) };
  const client = new ClusterClient({ ...context.clientConfig, brokers: [{ host, port }], limits });
  try {
    const request = { clientSoftwareName: 'ottla-cli', clientSoftwareVersion: '1' };
    const { apiKeys } = await client.retrying(client.deadlineIn(limits.apiTimeoutMs), () =>
      client.askAny(ApiVersions, request),
    );
    const apis = apiKeys.map(({ apiKey, maxVersion }) => `${apiKey}:${maxVersion}`).join(' ');
    return { ...known, unreachable: undefined, apis };
  } catch (failure) {
    if (!(failure instanceof Error)) throw failure;
    return { ...known, unreachable: failure.message, apis: undefined };
  } finally {
    await client.close();
  }
}

async function allTopics(context: CommandContext, admin: Admin): Promise<TopicDescription[]> {
  const listed = await admin.listTopics({ ...context.call, includeInternal: true });
  const described = await admin.describeTopics(
    listed.map(({ name }) => name),
    context.call,
  );
  return [...described.values()].flatMap((one) => (isFailed(one) ? [] : [one]));
}

async function minInsync(
  context: CommandContext,
  admin: Admin,
  topics: readonly TopicDescription[],
): Promise<Map<string, number>> {
  const key = 'min.insync.replicas';
  const asked = topics.map(({ name }) => ({ type: 'TOPIC' as const, name, keys: [key] }));
  const found = asked.length === 0 ? [] : await admin.describeConfigs(asked, context.call);
  return new Map(
    found.flatMap(({ name, result }) => {
      const value = isFailed(result) ? undefined : result.find((entry) => entry.name === key)?.value;
      return value === undefined || value === null ? [] : [[name, Number(value)] as const];
    }),
  );
}

interface Look {
  readonly committed: number;
  readonly end: number;
  readonly lag: number;
}

/** Twice, with some time between: a group that has not moved while there was something to do is stuck. */
async function groupFacts(context: CommandContext, admin: Admin): Promise<GroupFacts[]> {
  const { groups } = await admin.listGroups({ ...context.call, types: ['Classic', 'Consumer'] });
  const ids = groups.filter(({ protocol }) => protocol === 'consumer' || protocol === '').map(({ groupId }) => groupId);
  if (ids.length === 0) return [];
  const described = await admin.describeConsumerGroups(ids, context.call);
  const first = await looks(context, admin, ids);
  await delay(context.io.runtime.clock, BETWEEN_LOOKS_MS);
  const second = await looks(context, admin, ids);
  return ids.flatMap((group): GroupFacts[] => {
    const description = described.get(group);
    const [before, after] = [first.get(group), second.get(group)];
    if (description === undefined || isFailed(description) || before === undefined || after === undefined) return [];
    return [factsOf(description, before, after)];
  });
}

function factsOf({ groupId, state, members }: ConsumerGroupDescription, before: Look, after: Look): GroupFacts {
  const progress = after.committed - before.committed;
  return { group: groupId, state, members: members.length, lag: after.lag, progress, growth: after.end - before.end };
}

async function looks(context: CommandContext, admin: Admin, ids: readonly string[]): Promise<Map<string, Look>> {
  const found = new Map<string, Look>();
  for (const [group, offsets] of await admin.listConsumerGroupOffsets(ids, context.call)) {
    if (isFailed(offsets)) continue;
    const known = offsets.flatMap(({ topic, partition, result }) =>
      result === null || isFailed(result) ? [] : [{ topic, partition, committed: Number(result.offset) }],
    );
    const asked = known.map(({ topic, partition }) => ({ topic, partition, spec: 'latest' as const }));
    const ends = asked.length === 0 ? [] : await admin.listOffsets(asked, context.call);
    let look: Look = { committed: 0, end: 0, lag: 0 };
    for (const [index, { committed }] of known.entries()) {
      const end = ends[index]?.result;
      const offset = end === undefined || isFailed(end) ? committed : end.offset;
      look = {
        committed: look.committed + committed,
        end: look.end + offset,
        lag: look.lag + Math.max(0, offset - committed),
      };
    }
    found.set(group, look);
  }
  return found;
}

/** Open in a partition and in no transaction that a coordinator knows (KIP-664: find-hanging). */
async function hangingTransactions(
  context: CommandContext,
  admin: Admin,
  topics: readonly TopicDescription[],
): Promise<HangingFacts[]> {
  const places = topics
    .filter(({ isInternal }) => !isInternal)
    .flatMap(({ name, partitions }) => partitions.map(({ partition }) => ({ topic: name, partition })));
  if (places.length === 0) return [];
  const nowMs = context.io.runtime.clock.nowMs();
  const open: HangingFacts[] = [];
  for (const { topic, partition, result } of await admin.describeProducers(places, context.call)) {
    if (isFailed(result)) continue;
    for (const { producerId, currentTransactionStartOffset, lastTimestamp } of result) {
      const isOld = nowMs - Number(lastTimestamp) > HOW_LONG_IS_HANGING_MS;
      if (currentTransactionStartOffset === undefined || !isOld) continue;
      const place = `${topic}-${partition}`;
      open.push({
        place,
        producerId: String(producerId),
        startOffset: currentTransactionStartOffset,
        lastTimestamp: Number(lastTimestamp),
      });
    }
  }
  if (open.length === 0) return [];
  const coordinated = new Set<string>();
  for (const listed of (await admin.listTransactions(context.call)).values()) {
    if (isFailed(listed)) continue;
    for (const { producerId, state } of listed) if (IS_OPEN.has(state)) coordinated.add(String(producerId));
  }
  return open.filter(({ producerId }) => !coordinated.has(producerId));
}

const IS_OPEN: ReadonlySet<string> = new Set(['Ongoing', 'PrepareCommit', 'PrepareAbort', 'PrepareEpochFence']);

async function longTransactions(context: CommandContext, admin: Admin): Promise<ClusterFacts['longTransactions']> {
  const ids: string[] = [];
  for (const listed of (await admin.listTransactions({ ...context.call, states: ['Ongoing'] })).values()) {
    if (!isFailed(listed)) ids.push(...listed.map(({ transactionalId }) => transactionalId));
  }
  if (ids.length === 0) return [];
  const nowMs = context.io.runtime.clock.nowMs();
  const found = [];
  for (const [id, outcome] of await admin.describeTransactions(ids, context.call)) {
    if (isFailed(outcome) || outcome.startedAt === undefined) continue;
    found.push({ id, openMs: nowMs - Number(outcome.startedAt), timeoutMs: outcome.timeoutMs });
  }
  return found;
}

async function diskFacts(context: CommandContext, admin: Admin, ids: readonly number[]): Promise<DiskFacts[]> {
  const found: DiskFacts[] = [];
  for (const [brokerId, outcome] of await admin.describeLogDirs(ids, context.call)) {
    if (isFailed(outcome)) continue;
    for (const [dir, description] of outcome) found.push({ brokerId, dir, description });
  }
  return found;
}

async function quorumFacts(context: CommandContext, admin: Admin): Promise<ClusterFacts['quorum']> {
  const { leaderId, voters } = await admin.describeMetadataQuorum(context.call);
  const leader = voters.find(({ replicaId }) => replicaId === leaderId);
  const lag = new Map(
    voters.map(({ replicaId, logEndOffset }) => [replicaId, Math.max(0, (leader?.logEndOffset ?? 0) - logEndOffset)]),
  );
  // The leader is always caught up with itself: the time is that of its clock, as it answered.
  return { leaderId, lag, leaderNowMs: leader?.lastCaughtUpTimestamp };
}
