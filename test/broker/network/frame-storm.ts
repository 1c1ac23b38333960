// Mutated frames in numbers, on a broker in a process of its own with listeners of all kinds: to one that wants nothing, to one that
// wants a login before and after it, inside of TLS, and records of TLS themselves. A storm is made of a seed.
import { Errors } from '../../../src/protocol/index.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { CreateTopics } from '../../../src/protocol/messages/19-create-topics.ts';
import { DeleteTopics } from '../../../src/protocol/messages/20-delete-topics.ts';
import { RawClient } from '../raw-client.ts';
import type { BrokerProcess } from '../security/broker-process.ts';
import { portsOf, startStormBroker, type StormPorts } from './storm-broker.ts';
import { type Random, randomOf, STORM_TOPICS, type StormFrames } from './storm-frames.ts';
import { tick } from './storm-connection.ts';
import { type LaneKind, StormLane } from './storm-lane.ts';

const CLEANED_EVERY = 20_000;
const ANSWER_MS = 20_000;
const TICK_MS = 50;
/** For one answer, on a machine that is busy with others. */
const TICK_LIMIT_MS = 120_000;
/** Connections at a time: many of them wait for a frame that asked for it. */
const LANES: readonly (readonly [kind: LaneKind, count: number])[] = [
  ['open', 240],
  ['before login', 40],
  ['logged in', 24],
  ['in TLS', 6],
  ['TLS records', 3],
];
/** Seeds of lanes are so far from those of the next storm. */
const LANES_OF_A_SEED = 1009;

export interface StormOptions {
  readonly seed: number;
  readonly frames: number;
  /** May be the same for many storms. */
  readonly made: StormFrames;
}

export interface LoopTurn {
  readonly cpuMs: number;
  readonly wallMs: number;
}

export interface StormReport {
  readonly frames: number;
  /** Frames by where they were sent. */
  readonly byKind: ReadonlyMap<LaneKind, number>;
  readonly mostResidentMb: number;
  /** Versions of APIs that were sent. */
  readonly versions: number;
  /** What the event loop was away at most (loop-watch.mjs): the processor's time, and by the clock. */
  readonly longestTurn: LoopTurn;
  /** What it said that speaks of faults of its own. */
  readonly faults: readonly string[];
}

export class FrameStorm {
  readonly #broker: BrokerProcess;
  readonly #ports: StormPorts;
  readonly #admin: RawClient;
  readonly #seed: number;
  readonly #frames: number;
  readonly #made: StormFrames;
  readonly #byKind = new Map<LaneKind, number>();
  #done = 0;
  #isOver = false;
  #cleanedAt = 0;
  #mostResidentMb = 0;

  private constructor(
    broker: BrokerProcess,
    ports: StormPorts,
    admin: RawClient,
    { seed, frames, made }: StormOptions,
  ) {
    this.#broker = broker;
    this.#ports = ports;
    this.#admin = admin;
    this.#seed = seed;
    this.#frames = frames;
    this.#made = made;
  }

  /** Needs Linux, which tells the memory of another process, and the built program. */
  static async open(options: StormOptions): Promise<FrameStorm> {
    const broker = await startStormBroker();
    const ports = await portsOf(broker);
    const storm = new FrameStorm(broker, ports, await RawClient.connect(ports.open[0] as number), options);
    try {
      await storm.#clean();
      return storm;
    } catch (error) {
      await storm.close();
      throw error;
    }
  }

  get done(): number {
    return this.#done;
  }

  /** Rejects when the broker dies, or serves nobody any more. */
  async run(): Promise<StormReport> {
    const toldBefore = this.#broker.output.length;
    const kinds = LANES.flatMap(([kind, count]) => Array.from({ length: count }, () => kind));
    const running = kinds.map((kind, index) => this.#send(kind, randomOf(this.#seed * LANES_OF_A_SEED + index)));
    const sending = Promise.all(running).finally(() => (this.#isOver = true));
    await Promise.all([sending, this.#watch(), this.#tick()]);
    await this.#clean();
    return {
      frames: this.#done,
      byKind: this.#byKind,
      versions: this.#made.versionsSent,
      mostResidentMb: this.#mostResidentMb,
      longestTurn: longestIn(this.#broker.output.slice(toldBefore)),
      faults:
        this.#broker.output.match(/^.*(?:TypeError|RangeError|ReferenceError|AssertionError|assertion).*$/gim) ?? [],
    };
  }

  async close(): Promise<void> {
    this.#admin.destroy();
    await this.#broker.stop();
  }

  async #send(kind: LaneKind, random: Random): Promise<void> {
    const count = (of: LaneKind, frames: number): boolean => this.#count(of, frames);
    const lane = new StormLane({ kind, random, ports: this.#ports, made: this.#made, count });
    while (this.#done < this.#frames) {
      if (!this.#broker.isAlive) throw new Error(`the broker has ended: ${this.#broker.output.slice(-4000)}`);
      await lane.live();
    }
  }

  /** Returns whether there are more to be sent. */
  #count(kind: LaneKind, frames: number): boolean {
    this.#done += frames;
    this.#byKind.set(kind, (this.#byKind.get(kind) ?? 0) + frames);
    return this.#done < this.#frames;
  }

  /** Goes on while frames are sent. Rejects when the broker answers nobody any more. */
  async #tick(): Promise<void> {
    const client = await RawClient.connect(this.#ports.open[0] as number);
    try {
      while (!this.#isOver) {
        await client.ask(ApiVersions, 0, {}, TICK_LIMIT_MS);
        tick();
        await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      }
    } finally {
      client.destroy();
    }
  }

  /** Looks at its memory every second, and tidies up after the frames. */
  async #watch(): Promise<void> {
    while (this.#done < this.#frames) {
      this.#mostResidentMb = Math.max(this.#mostResidentMb, this.#broker.residentMb);
      if (this.#done - this.#cleanedAt >= CLEANED_EVERY) await this.#clean();
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  /** Every topic that the frames have made goes, and those that they are aimed at are there again. */
  async #clean(): Promise<void> {
    this.#cleanedAt = this.#done;
    const admin = this.#admin;
    const { topics } = await admin.ask(Metadata, 1, { topics: null }, ANSWER_MS);
    const topicNames = topics.map(({ name }) => String(name)).filter((name) => !name.startsWith('__'));
    if (topicNames.length > 0) await admin.ask(DeleteTopics, 5, { topicNames, timeoutMs: ANSWER_MS }, ANSWER_MS);
    const asked = STORM_TOPICS.map((name) => ({
      name,
      numPartitions: 2,
      replicationFactor: 1,
      assignments: [],
      configs: name === 'compacted' ? [{ name: 'cleanup.policy', value: 'compact' }] : [],
    }));
    const made = await admin.ask(
      CreateTopics,
      7,
      { topics: asked, timeoutMs: ANSWER_MS, validateOnly: false },
      ANSWER_MS,
    );
    this.#made.aimAt(
      new Map(
        made.topics.filter(({ errorCode }) => errorCode === Errors.NONE).map(({ name, topicId }) => [name, topicId]),
      ),
    );
  }
}

/** The first line is of a second that began before. */
function longestIn(output: string): LoopTurn {
  const turns = [...output.matchAll(/^loop-watch (\S+) (\S+)$/gm)].slice(1);
  const most = (which: 1 | 2): number => Math.max(0, ...turns.map((turn) => Number(turn[which])));
  return { cpuMs: most(1), wallMs: most(2) };
}
