// A well-behaved client beside the one that misbehaves: asks without a pause, and tells what it noticed.
import { Metadata } from '../../src/protocol/messages/03-metadata.ts';
import { RawClient } from './raw-client.ts';

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

  /** Milliseconds: the usual wait and the longest one. Rejects when a request was not answered. */
  async stop(): Promise<{ readonly median: number; readonly longest: number; readonly count: number }> {
    this.#isStopped = true;
    await this.#asking;
    this.#client.destroy();
    const sorted = this.#waitsMs.sort((a, b) => a - b);
    return { median: sorted[sorted.length >> 1] ?? 0, longest: sorted.at(-1) ?? 0, count: sorted.length };
  }
}
