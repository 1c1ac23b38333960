// One sequence of requests put to two brokers: whoever is not answered at once waits while the others go on.
import { differences } from '../../transcripts/compare.ts';
import { apiOf } from '../peer.ts';
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
const TOPIC_WAIT_MS = 120;
const SILENT = Symbol('not answered yet');

/** Fields differ with the API; models read what they expect to be there. */
// biome-ignore lint/suspicious/noExplicitAny: answers of all APIs
export type Answer = any;

/** A line of the record: a request, or the answer that one who waited gets. */
export interface Step {
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

export class Sequence {
  readonly steps: Step[] = [];
  readonly #sides: readonly [Side, Side];
  readonly #waiting = new Map<string, Asked>();
  readonly #counts = new Map<string, number>();

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
  async ask(client: string, key: number, version: number, body: Body, hear: (answer: Answer) => void = () => {}): Promise<void> {
    const asked = this.#send(client, key, version, body, hear);
    const mayWait = MAY_WAIT.has(key);
    await Promise.race([asked.all, pause(mayWait ? PATIENCE_MS : 15_000)]);
    if (mayWait && asked.answers.every((answer) => answer === SILENT)) {
      this.steps.push({ client, key, version, body });
      this.#waiting.set(client, asked);
    } else {
      await this.#compare(asked, { client, key, version, body });
    }
    await this.#collect(client);
  }

  async wait(waitMs: number): Promise<void> {
    this.steps.push({ client: '', waitMs });
    await pause(waitMs);
    await this.#collect('');
  }

  #send(client: string, key: number, version: number, body: Body, hear: (answer: Answer) => void): Asked {
    const answers: [unknown, unknown] = [SILENT, SILENT];
    const all = Promise.all(
      this.#sides.map(async (side, place) => {
        answers[place] = await side.ask(client, key, version, body).catch((error: unknown) => `${error}`);
      }),
    );
    return { key, answers, all, hear };
  }

  /** What those hear who waited. */
  async #collect(but: string): Promise<void> {
    if (this.#waiting.size === 0) return;
    await pause(SETTLING_MS);
    for (const [client, asked] of this.#waiting) {
      if (client === but && asked.answers.every((answer) => answer === SILENT)) continue;
      if (asked.answers.every((answer) => answer === SILENT)) continue;
      this.#waiting.delete(client);
      await this.#compare(asked, { client });
    }
  }

  async #compare(asked: Asked, step: Step): Promise<void> {
    await Promise.race([asked.all, pause(OTHER_MS)]);
    this.#learn(asked);
    const [theirs, ours] = asked.answers.map((answer, place) =>
      answer === SILENT ? 'waits' : this.#sides[place]?.symbols.named(answer),
    );
    const [shownTheirs, shownOurs] = [shownNamed(asked.key, theirs), shownNamed(asked.key, ours)];
    const found = isDisplaced(asked.key, theirs, ours) ? [] : differences(shownTheirs, shownOurs);
    this.steps.push({ ...step, answer: shownTheirs, ...(found.length > 0 ? { ours: shownOurs } : {}) });
    const [first] = found;
    if (first !== undefined) throw new Differs(`${apiOf(asked.key).name}: ${kindOf(first)}`, found);
    asked.hear(typeof theirs === 'object' ? theirs : { errorCode: -2 });
  }

  /** What both have made up, in the same place, has the same symbol from now on. */
  #learn({ key, answers }: Asked): void {
    if (key === 19) for (const [name, ids] of topicIds(answers)) this.#learnBoth(`id of ${name}`, ids);
    const role = ROLES.get(key);
    if (role === undefined) return;
    const raws = answers.map((answer) => (answer as Body)?.[role.field]);
    const isNew = raws.every((raw, place) => isMadeUp(raw) && this.#sides[place]?.symbols.knows(raw) === false);
    if (!isNew) return;
    const count = (this.#counts.get(role.name) ?? 0) + 1;
    this.#counts.set(role.name, count);
    this.#learnBoth(`«${role.name} ${count}»`, raws);
  }

  #learnBoth(symbol: string, raws: readonly unknown[]): void {
    for (const [place, raw] of raws.entries()) this.#sides[place]?.symbols.learn(symbol, raw);
  }

  /** Until all of both brokers have heard of the topics. */
  async settleTopics(): Promise<void> {
    await pause(TOPIC_WAIT_MS);
  }

  close(): void {
    for (const side of this.#sides) side.close();
  }
}

/** Kafka forgets who joined or synced before another did so as the same member, and never answers; here it is told to join again. */
const isDisplaced = (key: number, theirs: unknown, ours: unknown): boolean =>
  MAY_WAIT.has(key) && theirs === 'waits' && (ours as { errorCode?: number }).errorCode === REBALANCE_IN_PROGRESS;

const REBALANCE_IN_PROGRESS = 27;
const ROLES = new Map([
  [11, { name: 'member', field: 'memberId' }],
  [68, { name: 'member', field: 'memberId' }],
  [22, { name: 'producer', field: 'producerId' }],
]);

/** A member id with a UUID in it, or the id of a producer. */
function isMadeUp(raw: unknown): boolean {
  return typeof raw === 'string' ? raw.length >= 22 : typeof raw === 'number' && raw >= 0;
}

function topicIds(answers: readonly unknown[]): [string, unknown[]][] {
  const rows = answers.map((answer) => ((answer as Body)?.['topics'] ?? []) as { name: string; topicId: string }[]);
  return (rows[0] ?? []).map(({ name }) => [name, rows.map((row) => row.find((one) => one.name === name)?.topicId)]);
}

function kindOf(difference: string): string {
  return difference
    .replaceAll(/\/\d+/g, '/#')
    .replaceAll(/«(\w+) \d+»/g, '«$1»')
    .replaceAll(/-\d+x\d+/g, '')
    .slice(0, 170);
}
