// The channel to a controller in another process (Kafka: NodeToControllerChannelManager), over a connection of the protocol. What
// this broker asks itself goes as it is; what a client has asked goes in an Envelope, in the client's name (KIP-590).
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
import { Envelope } from '../../protocol/messages/58-envelope.ts';
import { sealRequest, unsealResponse } from '../network/envelope.ts';

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
    context: ForwardedFrom,
  ): Promise<InputOf<S>> {
    const sealed = sealRequest(api, asInput<Q>(request), context);
    const { errorCode, responseData } = await this.#channel.ask(Envelope, sealed);
    if (errorCode !== Errors.NONE) throw new KafkaError(errorCode);
    // Kafka's controllers leave out neither: an Envelope without an answer and without an error is none.
    if (responseData === null) throw new KafkaError(Errors.UNKNOWN_SERVER_ERROR);
    return asInput<S>(unsealResponse(api, context.apiVersion, responseData));
  }
}
