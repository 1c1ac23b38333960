// A well-behaved client beside the one that misbehaves: asks without a pause, and tells what it noticed.
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { RawClient } from '../raw-client.ts';

const LONGEST_WAIT_MS = 2000;
const USUAL_WAIT_MS = 50;
/** Waits of which fewer say nothing about what is usual. */
const FEW = 30;

export class Neighbour {
  readonly #client: RawClient;
  readonly #waitsMs: number[] = [];
  #isStopped = false;
  readonly #asking: Promise<void>;

  private constructor(client: RawClient) {
    this.#client = client;
    this.#asking = this.#ask();
    // Looked at in stop(); until then a failure is nobody's.
    this.#asking.catch(() => undefined);
  }

  static async moveIn(port: number): Promise<Neighbour> {
    return new Neighbour(await RawClient.connect(port));
  }

  async #ask(): Promise<void> {
    while (!this.#isStopped) {
      const startMs = performance.now();
      await this.#client.ask(Metadata, 12, { topics: [], allowAutoTopicCreation: false });
      this.#waitsMs.push(performance.now() - startMs);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** Rejects when a request was not answered, or later than it should on a machine that does other things too. */
  async leave(): Promise<void> {
    this.#isStopped = true;
    await this.#asking;
    this.#client.destroy();
    const sorted = this.#waitsMs.sort((a, b) => a - b);
    const longest = sorted.at(-1) ?? 0;
    if (longest > LONGEST_WAIT_MS) throw new Error(`the neighbour waited ${longest} ms for an answer`);
    const usual = sorted[sorted.length >> 1] ?? 0;
    if (sorted.length >= FEW && usual > USUAL_WAIT_MS) throw new Error(`the neighbour waits ${usual} ms as a rule`);
  }

  /** Where everybody had to wait, one who waited as well gives way to another. Rejects when it was not served in the end. */
  async replacedAfterShortage(port: number): Promise<Neighbour> {
    this.#isStopped = true;
    await this.#asking;
    this.#client.destroy();
    return Neighbour.moveIn(port);
  }
}
