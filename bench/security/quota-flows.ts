// What no performance tool does: topics made one after another, and connections opened one after another, as fast as they are let.

import { connect } from 'node:net';
import type { RunningBroker } from '../../conformance/targets/target.ts';
import { WireConnection } from '../../conformance/wire/connection.ts';
import { createTopics } from '../../conformance/wire/requests.ts';
import { later } from '../alone.ts';

const PARTITIONS_EACH = 5;
const CONNECTING_AT_ONCE = 20;
const ATTEMPT_MS = 5_000;
/** Size, ApiVersions version 0, correlation id 1, no client id. */
const API_VERSIONS = Buffer.from('0000000a0012000000000001ffff', 'hex');

export class MutationFlow {
  readonly #broker: RunningBroker;
  /** Partitions that have been made. */
  done = 0;

  constructor(broker: RunningBroker) {
    this.#broker = broker;
  }

  /** Each creation is answered at once, and the next one waits until the connection is let speak again. */
  async run(forMs: number): Promise<void> {
    const connection = await WireConnection.open(this.#broker.bootstrap);
    const endsAt = performance.now() + forMs;
    for (let index = 0; performance.now() < endsAt; index++) {
      await createTopics(connection, [{ name: `mutation-${index}`, partitions: PARTITIONS_EACH }]);
      this.done += PARTITIONS_EACH;
    }
    await connection.close();
  }
}

export class ConnectionFlow {
  readonly #broker: RunningBroker;
  readonly #from: string;
  /** Connections on which a question was answered. */
  answered = 0;

  /** `from`: the address from which it connects. */
  constructor(broker: RunningBroker, from: string) {
    this.#broker = broker;
    this.#from = from;
  }

  async run(forMs: number): Promise<void> {
    const endsAt = performance.now() + forMs;
    const lane = async (): Promise<void> => {
      while (performance.now() < endsAt) {
        if (await this.#attempt()) this.answered += 1;
        else await later(10);
      }
    };
    await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, lane));
  }

  /** Whether it was let in. */
  #attempt(): Promise<boolean> {
    return new Promise((resolve) => {
      const at = { host: '127.0.0.1', port: this.#broker.port, localAddress: this.#from };
      const socket = connect(at, () => socket.write(API_VERSIONS));
      const done = (isIn: boolean): void => {
        socket.destroy();
        resolve(isIn);
      };
      socket.setTimeout(ATTEMPT_MS, () => done(false));
      socket.once('data', () => done(true));
      socket.once('error', () => done(false));
      socket.once('close', () => done(false));
    });
  }
}
