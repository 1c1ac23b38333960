// The channel to a controller in another process (Kafka: NodeToControllerChannelManager), over a connection of the protocol.
import type { ControllerChannel, ForwardedFrom } from '../../api-handlers/index.ts';
import {
  type ApiSchema,
  asInput,
  type Channel,
  type ErrorCode,
  Errors,
  type Fields,
  type InputOf,
  KafkaError,
  type ValueOf,
} from '../../protocol/index.ts';

/** Where the refusal of a request as a whole stands in the answers of most APIs. */
interface WholeRefusal {
  readonly errorCode?: ErrorCode;
  readonly errorMessage?: string | null;
}

export class RemoteControllerChannel implements ControllerChannel {
  readonly #channel: Channel;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  async send<Q extends Fields, S extends Fields>(api: ApiSchema<Q, S>, request: ValueOf<Q>): Promise<InputOf<S>> {
    const response = await this.#channel.ask(api, asInput<Q>(request));
    const { errorCode = Errors.NONE, errorMessage } = response as WholeRefusal;
    if (errorCode !== Errors.NONE) throw new KafkaError(errorCode, errorMessage ?? undefined);
    return asInput<S>(response);
  }

  async forward<Q extends Fields, S extends Fields>(
    api: ApiSchema<Q, S>,
    request: ValueOf<Q>,
    { apiVersion: version }: ForwardedFrom,
  ): Promise<InputOf<S>> {
    return asInput<S>(await this.#channel.ask(api, asInput<Q>(request), { version }));
  }
}
