// The channel to a controller in the same process: requests go to it as they are, and nothing is encoded.
import type { ControllerChannel, ForwardedFrom } from '../../api-handlers/index.ts';
import { type ControllerOperations, operate } from '../../kraft/controller/index.ts';
import type { ApiSchema, Fields, InputOf, ValueOf } from '../../protocol/index.ts';

export class LocalControllerChannel implements ControllerChannel {
  readonly #controller: ControllerOperations;

  constructor(controller: ControllerOperations) {
    this.#controller = controller;
  }

  async send<Q extends Fields, S extends Fields>(api: ApiSchema<Q, S>, request: ValueOf<Q>): Promise<InputOf<S>> {
    return operate(this.#controller, api, request, { apiVersion: api.versions[1], sharesFate: true });
  }

  async forward<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    request: ValueOf<Q>,
    { apiVersion, connection, session }: ForwardedFrom,
  ): Promise<InputOf<S>> {
    const principal = session?.principal;
    return operate(this.#controller, api, request, { apiVersion, sharesFate: false, connection, principal });
  }
}
