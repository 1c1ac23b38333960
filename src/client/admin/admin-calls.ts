// What all methods of the Admin have in common: a client, time, somebody who may call them off, errors that say what to do.
import { type ClientSource, type OpenedClient, openClient } from '../connections/client-source.ts';
import { type CallOptions, patiently } from '../connections/patience.ts';
import { asClientErrors, ClosedError } from '../errors.ts';
import { Asking } from './asking.ts';
import { AdminNodes } from './nodes.ts';

export interface AdminOptions {
  /** The addresses are those of the quorum's controllers, not of brokers (KIP-919: bootstrap.controllers). */
  readonly isOfControllers?: boolean;
}

export class AdminCalls {
  readonly #opened: OpenedClient;
  readonly #nodes: AdminNodes;
  #isClosed = false;

  /** Throws ConfigurationError that says what is wrong with which key. Connects when there is something to ask. */
  constructor(source: ClientSource & AdminOptions) {
    this.#opened = openClient(source);
    this.#nodes = new AdminNodes(this.#opened.client, source.isOfControllers ?? false);
  }

  /** What is under way ends with an error. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#opened.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Rejects with ClientError, or with the signal's reason. */
  protected async run<T>(how: CallOptions, work: (asking: Asking) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new ClosedError('the admin client');
    const { clock } = this.#opened.client;
    return asClientErrors(patiently(clock, work(new Asking(this.#nodes, how)), how));
  }
}
