// Worker threads. Questions and answers go over the port of the worker; those that are waited for have a port of their own and a
// flag in shared memory, as nothing of the event loop runs while a thread waits.
import {
  MessageChannel,
  type MessagePort,
  parentPort,
  receiveMessageOnPort,
  Worker,
  workerData,
} from 'node:worker_threads';
import type { Thread, ThreadService } from '../thread.ts';

const ANSWER_LIMIT_MS = 10_000;

interface Data {
  readonly now: MessagePort;
  readonly flag: Int32Array;
  readonly own: unknown;
}

interface Question {
  readonly id: number;
  readonly question: unknown;
}

/** `told`: what the thread says without being asked. */
type FromThread = Answer | { readonly told: unknown };
type Answer = { readonly id: number; readonly answer: unknown } | { readonly id: number; readonly error: unknown };

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export interface ThreadOptions {
  /** The file that the thread runs: it calls `serveThread`. */
  readonly entry: URL;
  /** Copied; what `serveThread` hands to the service. */
  readonly data: unknown;
  readonly onTold: (told: unknown) => void;
  /** It has ended without having been told to. */
  readonly onDied: (error: Error) => void;
}

export class NodeThread implements Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #now: MessagePort;
  readonly #flag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #onTold: ThreadOptions['onTold'];
  #lastId = 0;
  #death: Error | undefined;
  #isEnding = false;

  constructor({ entry, data, onTold, onDied }: ThreadOptions) {
    const { port1, port2 } = new MessageChannel();
    this.#now = port1;
    this.#onTold = onTold;
    const workerData: Data = { now: port2, flag: this.#flag, own: data };
    this.#worker = new Worker(entry, { workerData, transferList: [port2] });
    this.#worker.on('message', (message: FromThread) => this.#heard(message));
    this.#worker.on('error', (error) => this.#died(error, onDied));
    this.#worker.on('exit', () => this.#died(new Error('its thread has ended'), onDied));
  }

  ask(question: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined) return reject(this.#death);
      const id = ++this.#lastId;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, question } satisfies Question);
    });
  }

  askNow(question: unknown): unknown {
    if (this.#death !== undefined) throw this.#death;
    const id = ++this.#lastId;
    Atomics.store(this.#flag, 0, 0);
    this.#now.postMessage({ id, question } satisfies Question);
    for (;;) {
      if (Atomics.wait(this.#flag, 0, 0, ANSWER_LIMIT_MS) === 'timed-out') {
        throw new Error(`a thread has not answered for ${ANSWER_LIMIT_MS} ms`);
      }
      Atomics.store(this.#flag, 0, 0);
      // Answers of questions that have been given up may come before.
      let message: Answer | undefined;
      do message = (receiveMessageOnPort(this.#now) as { message: Answer } | undefined)?.message;
      while (message !== undefined && message.id !== id);
      if (message === undefined) continue;
      if ('error' in message) throw message.error;
      return message.answer;
    }
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#worker.terminate();
  }

  #heard(message: FromThread): void {
    if ('told' in message) return this.#onTold(message.told);
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('error' in message) waiting?.reject(message.error);
    else waiting?.resolve(message.answer);
  }

  #died(error: Error, onDied: ThreadOptions['onDied']): void {
    if (this.#death !== undefined) return;
    this.#death = error;
    this.#now.close();
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    if (!this.#isEnding) onDied(error);
  }
}

/** Of a thread: serves the one that has started it. `tell` is heard there as it is said. */
export function serveThread(serviceOf: (data: unknown, tell: (told: unknown) => void) => ThreadService): void {
  const { now, flag, own } = workerData as Data;
  const parent = parentPort as MessagePort;
  const service = serviceOf(own, (told) => parent.postMessage({ told } satisfies FromThread));
  parent.on('message', ({ id, question }: Question) => {
    service.ask(question).then(
      (answer) => parent.postMessage({ id, answer } satisfies FromThread),
      (error: unknown) => parent.postMessage({ id, error } satisfies FromThread),
    );
  });
  now.on('message', ({ id, question }: Question) => {
    let message: Answer;
    try {
      message = { id, answer: service.askNow(question) };
    } catch (error) {
      message = { id, error };
    }
    now.postMessage(message);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  });
}
