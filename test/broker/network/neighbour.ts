// A well-behaved client beside the one that misbehaves: asks without a pause, and tells what it noticed. It judges by what a
// loaded machine does not change: how much work the process did before it was answered, and how often the event loop, which
// broker and test share, came round with nothing better to do (patience.ts).
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { RawClient } from '../raw-client.ts';

/** Of processor time; of rounds of the event loop, which take a millisecond or two where there is nothing to do. */
const LONGEST_WORK_MS = 1500;
const MOST_ROUNDS = 800;
const USUAL_WAIT = 40;
/** Waits of which fewer say nothing about what is usual. */
const FEW = 30;
const PAUSE_MS = 2;

/** What one wait for an answer took. */
interface Wait {
  readonly workMs: number;
  readonly rounds: number;
}

export class Neighbour {
  readonly #client: RawClient;
  readonly #waits: Wait[] = [];
  #rounds = 0;
  #counting: NodeJS.Timeout | undefined;
  #isStopped = false;
  readonly #asking: Promise<void>;

  private constructor(client: RawClient) {
    this.#client = client;
    this.#countRounds();
    this.#asking = this.#ask();
    // Looked at in stop(); until then a failure is nobody's.
    this.#asking.catch(() => undefined);
  }

  static async moveIn(port: number): Promise<Neighbour> {
    return new Neighbour(await RawClient.connect(port));
  }

  /** How often it has been answered. */
  get answers(): number {
    return this.#waits.length;
  }

  #countRounds(): void {
    this.#rounds += 1;
    this.#counting = setTimeout(() => this.#countRounds(), 1);
  }

  async #ask(): Promise<void> {
    while (!this.#isStopped) {
      const cpu = process.cpuUsage();
      const roundsBefore = this.#rounds;
      await this.#client.ask(Metadata, 12, { topics: [], allowAutoTopicCreation: false });
      const { user, system } = process.cpuUsage(cpu);
      this.#waits.push({ workMs: (user + system) / 1000, rounds: this.#rounds - roundsBefore });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  /** Rejects when a request was not answered, or later than it should. */
  async leave(): Promise<void> {
    await this.#stop();
    this.#judge('of the processor', LONGEST_WORK_MS, ({ workMs }) => workMs);
    this.#judge('in which nothing was done', MOST_ROUNDS, ({ rounds }) => rounds);
  }

  async #stop(): Promise<void> {
    this.#isStopped = true;
    try {
      await this.#asking;
    } finally {
      clearTimeout(this.#counting);
      this.#client.destroy();
    }
  }

  #judge(what: string, limit: number, measure: (wait: Wait) => number): void {
    const sorted = this.#waits.map(measure).sort((a, b) => a - b);
    const longest = sorted.at(-1) ?? 0;
    if (longest > limit) throw new Error(`the neighbour waited ${longest} ms ${what} for an answer`);
    const usual = sorted[sorted.length >> 1] ?? 0;
    if (sorted.length >= FEW && usual > USUAL_WAIT)
      throw new Error(`the neighbour waits ${usual} ms ${what} as a rule`);
  }

  /** Where everybody had to wait, one who waited as well gives way to another. Rejects when it was not served in the end. */
  async replacedAfterShortage(port: number): Promise<Neighbour> {
    await this.#stop();
    return Neighbour.moveIn(port);
  }
}
