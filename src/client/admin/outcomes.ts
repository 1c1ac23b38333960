// What methods over many items answer: for each item what came of it. An item that failed does not fail the others.
import { type ErrorCode, Errors, KafkaError } from '../../protocol/index.ts';
import { ClientError, clientErrorOf } from '../errors.ts';

/** What came of one item; what was only to be done, and is, gives undefined. */
export type Outcome<T> = T | ClientError;
/** By the name or number of the item, in the order asked. */
export type Outcomes<K, T> = ReadonlyMap<K, Outcome<T>>;
/** Where no single name tells what is meant: the item itself, and what came of it. */
export type OutcomeFor<K, T> = K & { readonly result: Outcome<T> };

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Throws the ClientError if it is one. */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome instanceof ClientError) throw outcome;
  return outcome;
}

/** All of them; throws the first ClientError. */
export function allOf<K, T>(outcomes: Outcomes<K, T>): Map<K, T> {
  return new Map([...outcomes].map(([key, outcome]) => [key, valueOf(outcome)]));
}

/** undefined: the code is none of a failure. */
export function failureOf(code: ErrorCode, message?: string | null): ClientError | undefined {
  if (code === Errors.NONE) return undefined;
  return clientErrorOf(new KafkaError(code, message ?? undefined)) as ClientError;
}

/** Throws KafkaError when the code is one of a failure. */
export function throwIfFailed(code: ErrorCode, message?: string | null): void {
  if (code !== Errors.NONE) throw new KafkaError(code, message ?? undefined);
}

/** Items by topic, as most requests want them. */
export function byTopic<P extends TopicPartition>(items: Iterable<P>): Map<string, P[]> {
  const topics = new Map<string, P[]>();
  for (const item of items) {
    const list = topics.get(item.topic);
    if (list === undefined) topics.set(item.topic, [item]);
    else list.push(item);
  }
  return topics;
}

/** One text for a partition, as Kafka prints it. */
export const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;
