// A request on its way, as hooks, plans and the history see it. What it is about is found out when somebody asks.
import type { Handler, RequestContext } from '../api-handlers/index.ts';
import { addAsked, askedTopics, type AskedTopics } from './asked-topics.ts';

export type TopicNames = (topicId: string) => string | undefined;

export class SeenRequest {
  readonly api: string;
  readonly version: number;
  readonly clientId: string | null;
  readonly connectionId: number;
  readonly receivedAtMs: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly #handler: Handler;
  readonly #nameOf: TopicNames;
  #asked: AskedTopics | undefined;

  constructor(handler: Handler, body: Readonly<Record<string, unknown>>, context: RequestContext, nameOf: TopicNames) {
    this.api = handler.api.name;
    this.version = context.apiVersion;
    this.clientId = context.clientId;
    this.connectionId = context.connection.id;
    this.receivedAtMs = context.receivedAtMs;
    this.body = body;
    this.#handler = handler;
    this.#nameOf = nameOf;
  }

  get topics(): readonly string[] {
    return [...this.#topics.keys()];
  }

  /** Is it about this partition, of this topic? undefined stands for any. */
  isAbout(topic: string | undefined, partition: number | undefined): boolean {
    if (topic === undefined && partition === undefined) return true;
    if (partition === undefined) return this.#topics.has(topic as string);
    if (topic !== undefined) return this.#topics.get(topic)?.has(partition) ?? false;
    return [...this.#topics.values()].some((partitions) => partitions?.has(partition));
  }

  get #topics(): AskedTopics {
    if (this.#asked !== undefined) return this.#asked;
    const asked = askedTopics(this.#handler.api.request.fields, this.body, this.#nameOf);
    for (const { topic, topicId, partition } of this.#handler.unnamed?.(this.body) ?? []) {
      const name = topic === '' ? this.#nameOf(topicId) : topic;
      if (name !== undefined) addAsked(asked, name, partition);
    }
    return (this.#asked = asked);
  }
}
