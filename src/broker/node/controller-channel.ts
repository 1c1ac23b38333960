// The channel to a controller in the same process: requests go to it as they are, and nothing is encoded.
import type { ControllerChannel, ForwardedFrom } from '../../api-handlers/index.ts';
import { type ControllerOperations, operate } from '../../kraft/controller/index.ts';
import type { ReplicaOperations } from './replica-operations.ts';
import type { ApiSchema, Fields, InputOf, ValueOf } from '../../protocol/index.ts';

export class LocalControllerChannel implements ControllerChannel {
  readonly #controller: ControllerOperations;
  readonly #replica: ReplicaOperations;

  constructor(controller: ControllerOperations, replica: ReplicaOperations = () => undefined) {
    this.#controller = controller;
    this.#replica = replica;
  }

  async send<Q extends Fields, S extends Fields>(api: ApiSchema<Q, S>, request: ValueOf<Q>): Promise<InputOf<S>> {
    return operate(this.#controller, api, request, { apiVersion: api.versions[1], sharesFate: true });
  }

  async forward<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    request: ValueOf<Q>,
    { apiVersion, connection, session }: ForwardedFrom,
  ): Promise<InputOf<S>> {
    // The table of Raft's operations pairs each API with the types of its own request and response.
    const ofReplica = this.#replica(api.key);
    if (ofReplica !== undefined) return (await ofReplica(request as never, apiVersion)) as InputOf<S>;
    const principal = session?.principal;
    return operate(this.#controller, api, request, { apiVersion, sharesFate: false, connection, principal });
  }
}
