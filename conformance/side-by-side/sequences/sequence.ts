// One sequence of requests put to two brokers: whoever is not answered at once waits while the others go on.
import { differences } from '../../transcripts/compare.ts';
import { apiOf } from '../peer.ts';
import { madeUp } from './roles.ts';
import { shownNamed } from './shown.ts';
import { pause, type Side } from './side.ts';
import type { Body } from './symbols.ts';

/** JoinGroup and SyncGroup: answered when others have done their part. */
const MAY_WAIT = new Set([11, 14]);
/** After so long it is said to wait. */
const PATIENCE_MS = 150;
/** For those who waited, to hear of what another did. */
const SETTLING_MS = 30;
/** One has answered: so long the other may take. */
const OTHER_MS = 2_500;
const TOPIC_WAIT_MS = 500;
const SILENT = Symbol('not answered yet');

/** Fields differ with the API; models read what they expect to be there. */
// biome-ignore lint/suspicious/noExplicitAny: answers of all APIs
export type Answer = any;

/** A line of the record: a request, or the answer that one who waited gets. */
export interface Step {
  /** Names what is made up in the answer. */
  readonly id: number;
  readonly client: string;
  readonly key?: number;
  readonly version?: number;
  readonly body?: Body;
  /** Left out: none yet. */
  readonly answer?: unknown;
  readonly ours?: unknown;
  readonly waitMs?: number;
}

interface Asked {
  readonly id: number;
  readonly key: number;
  readonly answers: readonly [unknown, unknown];
  readonly all: Promise<unknown>;
  readonly hear: (answer: Answer) => void;
}

/** Ends a sequence: what comes after is not to be compared. */
export class Differs extends Error {
  readonly kind: string;
  readonly found: readonly string[];
  constructor(kind: string, found: readonly string[]) {
    super(kind);
    this.kind = kind;
    this.found = found;
  }
}

/** Ends a sequence too: Kafka has failed inside, and what it would do from then on is nothing to go by. */
export class KafkaFailed extends Error {}

export class Sequence {
  readonly steps: Step[] = [];
  readonly #sides: readonly [Side, Side];
  readonly #waiting = new Map<string, Asked>();
  #lastId = 0;

  constructor(sides: readonly [Side, Side]) {
    this.#sides = sides;
  }

  isWaiting(client: string): boolean {
    return this.#waiting.has(client);
  }
  get someWait(): boolean {
    return this.#waiting.size > 0;
  }

  /** Kafka's answer, in symbols; undefined when there is none yet: `hear` gets it. Throws Differs. */
  async ask(
    client: string,
    key: number,
    version: number,
    body: Body,
    hear: (answer: Answer) => void = () => {},
    id = this.#lastId + 1,
  ): Promise<void> {
    this.#lastId = id;
    const asked = this.#send(client, key, version, body, { id, key, hear });
    const step = { id, client, key, version, body };
    const mayWait = MAY_WAIT.has(key);
    await Promise.race([asked.all, pause(mayWait ? PATIENCE_MS : 15_000)]);
    if (mayWait && asked.answers.every((answer) => answer === SILENT)) {
      this.steps.push(step);
      this.#waiting.set(client, asked);
    } else {
      await this.#compare(asked, step);
    }
    await this.#collect(client);
  }

  async wait(waitMs: number): Promise<void> {
    this.steps.push({ id: 0, client: '', waitMs });
    await pause(waitMs);
    await this.#collect('');
  }

  /** The same again, with whatever answers come now. Throws Differs. */
  async repeat(steps: readonly Step[]): Promise<void> {
    for (const { id, client, key, version = 0, body = {}, waitMs } of steps) {
      if (waitMs !== undefined) await this.wait(waitMs);
      if (key !== undefined && !this.isWaiting(client)) await this.ask(client, key, version, body, undefined, id);
    }
  }

  #send(client: string, key: number, version: number, body: Body, known: Pick<Asked, 'id' | 'key' | 'hear'>): Asked {
    const answers: [unknown, unknown] = [SILENT, SILENT];
    const all = Promise.all(
      this.#sides.map(async (side, place) => {
        answers[place] = await side.ask(client, key, version, body).catch((error: unknown) => String(error));
      }),
    );
    return { ...known, answers, all };
  }

  /** What those hear who waited. */
  async #collect(but: string): Promise<void> {
    if (this.#waiting.size === 0) return;
    await pause(SETTLING_MS);
    for (const [client, asked] of this.#waiting) {
      if (client === but && asked.answers.every((answer) => answer === SILENT)) continue;
      if (asked.answers.every((answer) => answer === SILENT)) continue;
      this.#waiting.delete(client);
      await this.#compare(asked, { id: asked.id, client });
    }
  }

  async #compare(asked: Asked, step: Step): Promise<void> {
    await Promise.race([asked.all, pause(OTHER_MS)]);
    this.#learn(asked);
    const [theirs, ours] = asked.answers.map((answer, place) =>
      answer === SILENT ? 'waits' : this.#sides[place]?.symbols.named(answer),
    );
    const [shownTheirs, shownOurs] = [shownNamed(asked.key, theirs), shownNamed(asked.key, ours)];
    if (hasFailedInside(asked.key, theirs)) throw new KafkaFailed();
    const wasForgotten = isForgotten(asked.key, theirs, ours);
    // On that connection Kafka would take no further request.
    if (wasForgotten) for (const side of this.#sides) side.leave(step.client);
    const found = wasForgotten ? [] : differences(shownTheirs, shownOurs);
    this.steps.push({ ...step, answer: shownTheirs, ...(found.length > 0 ? { ours: shownOurs } : {}) });
    const [first] = found;
    if (first !== undefined) throw new Differs(`${apiOf(asked.key).name}: ${kindOf(first)}`, found);
    asked.hear(typeof theirs === 'object' ? theirs : { errorCode: -2 });
  }

  /** What both have made up, in the same place, has the same symbol from now on. */
  #learn({ id, key, answers }: Asked): void {
    const [theirs = [], ours = []] = answers.map((answer) => madeUp(key, id, answer));
    for (const [place, [symbol, raw]] of theirs.entries()) {
      const own = ours[place]?.[1];
      const isKnown = [raw, own].some((one, side) => this.#sides[side]?.symbols.knows(one));
      if (own === undefined || isKnown) continue;
      this.#sides[0].symbols.learn(symbol, raw);
      this.#sides[1].symbols.learn(symbol, own);
    }
  }

  /** Until all of both brokers have heard of the topics. */
  async settleTopics(): Promise<void> {
    await this.wait(TOPIC_WAIT_MS);
  }

  close(): void {
    for (const side of this.#sides) side.close();
  }
}

/**
 * Kafka forgets who joined or synced before another did so as the same member, and who syncs while another takes it out, and never
 * answers; here they are told.
 */
const isForgotten = (key: number, theirs: unknown, ours: unknown): boolean => {
  if (!MAY_WAIT.has(key) || theirs !== 'waits') return false;
  const { errorCode } = ours as { readonly errorCode?: number };
  return errorCode === REBALANCE_IN_PROGRESS || (key === SYNC && errorCode === UNKNOWN_MEMBER_ID);
};

const SYNC = 14;
const UNKNOWN_MEMBER_ID = 25;
/**
 * Kafka 4.3.1 has no row for the end point of a member while the topology does not fit the topics, and takes one
 * (EndpointToPartitionsManager: NoSuchElementException). A share session whose topic has been deleted has no name for it.
 */
const hasFailedInside = (key: number, theirs: unknown): boolean =>
  (key === STREAMS_HEARTBEAT || key === SHARE_FETCH) && (theirs as { errorCode?: number }).errorCode === -1;

const SHARE_FETCH = 78;
const STREAMS_HEARTBEAT = 88;
const REBALANCE_IN_PROGRESS = 27;

function kindOf(difference: string): string {
  return difference
    .replaceAll(/\/\d+/g, '/#')
    .replaceAll(/«(\w+) \d+»/g, '«$1»')
    .replaceAll(/-\d+x\d+/g, '')
    .slice(0, 170);
}
