// Where reading begins: at the committed offset, or where auto.offset.reset, or whoever has asked to seek, leads. What is not found is
// looked for again; partitions that are found go on meanwhile. Kafka's OffsetFetcher and its initialisation of positions.
import { Errors, isRetriable, KafkaError } from '../../protocol/index.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';
import { ClientError } from '../errors.ts';
import type { CommittedOffset } from '../group/group-offsets.ts';
import { EARLIEST, type FoundOffset, type Isolation, LATEST, type Lookup, lookUpOnce } from './offset-lookups.ts';
import type { PartitionState, Search } from './partition-state.ts';

export type OffsetReset = 'earliest' | 'latest' | 'none';

export interface PositionHooks {
  readonly states: () => Iterable<PartitionState>;
  /** Those of them that are committed; undefined: there is no group. Rejects with KafkaError. */
  readonly committed: ((states: readonly PartitionState[]) => Promise<readonly CommittedOffset[]>) | undefined;
  readonly found: () => void;
  readonly fault: (error: unknown) => void;
}

export class PositionFinder {
  readonly #client: ClusterClient;
  readonly #reset: OffsetReset;
  readonly #isolation: Isolation;
  readonly #hooks: PositionHooks;
  #isRunning = false;
  #isClosed = false;

  constructor(client: ClusterClient, reset: OffsetReset, isolation: Isolation, hooks: PositionHooks) {
    this.#client = client;
    this.#reset = reset;
    this.#isolation = isolation;
    this.#hooks = hooks;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** Looks for what is missing, unless it does already. */
  advance(): void {
    if (this.#isRunning || this.#isClosed || this.#searching().length === 0) return;
    this.#isRunning = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#isClosed) {
      const states = this.#searching();
      if (states.length === 0) break;
      try {
        const failure = await this.#findSome(states);
        failures = failure === Errors.NONE ? 0 : failures + 1;
        this.#hooks.found();
      } catch (error) {
        if (this.#isClosed) break;
        failures++;
        const isPassing =
          error instanceof KafkaError && (isRetriable(error.code) || error.code === Errors.BROKER_NOT_AVAILABLE);
        if (!isPassing) this.#hooks.fault(error);
      }
      if (failures > 0) await this.#client.pause(failures);
    }
    this.#isRunning = false;
  }

  #searching(): PartitionState[] {
    const states: PartitionState[] = [];
    for (const state of this.#hooks.states()) {
      if (state.search !== undefined && !state.isHeld && !state.isGone && state.failure === undefined)
        states.push(state);
    }
    return states;
  }

  /** Resolves with what went wrong last, or NONE. */
  async #findSome(states: readonly PartitionState[]): Promise<number> {
    const uncommitted = states.filter(({ search }) => search?.kind === 'committed');
    if (uncommitted.length > 0) await this.#findCommitted(uncommitted);
    const lookups: (Lookup & { readonly state: PartitionState; readonly version: number })[] = [];
    for (const state of states) {
      if (state.search === undefined || state.isGone) continue;
      const timestamp = timestampOf(state.search);
      if (timestamp === undefined) state.failure = noOffset(state);
      else {
        const { topic, partition, version } = state;
        lookups.push({ topic, partition, timestamp, state, version });
      }
    }
    if (lookups.length === 0) return Errors.NONE;
    const found = new Map<string, FoundOffset>();
    const failure = await lookUpOnce(this.#client, lookups, this.#isolation, found);
    for (const { state, version } of lookups) {
      const one = found.get(state.name);
      if (one === undefined || state.version !== version || state.isGone) continue;
      // No record is as late as that: what comes next is.
      if (one.offset < 0) state.moveTo(-1, -1, { kind: 'latest' });
      else begin(state, one.offset, -1);
    }
    return failure;
  }

  async #findCommitted(states: readonly PartitionState[]): Promise<void> {
    const versions = states.map(({ version }) => version);
    const committed = (await this.#hooks.committed?.(states)) ?? [];
    const byName = new Map(committed.map((one) => [`${one.topic}-${one.partition}`, one]));
    states.forEach((state, index) => {
      if (state.version !== versions[index] || state.isGone) return;
      const found = byName.get(state.name);
      if (found === undefined) state.search = { kind: this.#reset };
      else {
        begin(state, found.offset, found.leaderEpoch ?? -1);
        state.committed = found.offset;
      }
    });
  }
}

/** `epoch`: of the leader who wrote the record before; -1: not known. */
export function begin(state: PartitionState, offset: number, epoch: number): void {
  state.moveTo(offset, epoch);
  state.done(offset, epoch);
}

function timestampOf(search: Search): number | undefined {
  switch (search.kind) {
    case 'time':
      return search.timestampMs;
    case 'earliest':
      return EARLIEST;
    case 'latest':
      return LATEST;
    default:
      return undefined;
  }
}

export function noOffset({ name }: PartitionState): ClientError {
  return new ClientError(`${name} has no committed offset to begin at, or one that its log does not hold`, {
    advice: 'Seek to an offset, or let autoOffsetReset be "earliest" or "latest".',
  });
}
