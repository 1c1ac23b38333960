// Fetches of replicas that wait for news: a record, a high watermark that they do not know, another leader. Each look asks the core
// again; the last one, when the wait is over, takes what there is (Kafka: ThresholdPurgatory).
import type { Clock, Timer } from '../../runtime/index.ts';
import type { FetchAsk, PeerAnswer } from './peer-messages.ts';

export type Look = (ask: FetchAsk, isLast: boolean) => PeerAnswer | undefined;

interface Parked {
  readonly ask: FetchAsk;
  readonly resolve: (answer: PeerAnswer) => void;
  readonly timer: Timer;
}

export class ParkedFetches {
  readonly #clock: Clock;
  readonly #look: Look;
  readonly #parked = new Set<Parked>();

  constructor(clock: Clock, look: Look) {
    this.#clock = clock;
    this.#look = look;
  }

  park(ask: FetchAsk, resolve: (answer: PeerAnswer) => void): void {
    const timer = this.#clock.schedule(ask.maxWaitMs, () => this.#lookAt(parked, true));
    const parked: Parked = { ask, resolve, timer };
    this.#parked.add(parked);
  }

  /** Something has happened that some may wait for. */
  lookAgain(): void {
    for (const parked of this.#parked) this.#lookAt(parked, false);
  }

  /** All get what there is. */
  end(): void {
    for (const parked of this.#parked) this.#lookAt(parked, true);
  }

  #lookAt(parked: Parked, isLast: boolean): void {
    const answer = this.#look(parked.ask, isLast);
    if (answer === undefined) return;
    parked.timer.cancel();
    this.#parked.delete(parked);
    parked.resolve(answer);
  }
}
