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

/** A broker that forgets an item has not done it. */
export function answerFor<K, T>(outcomes: ReadonlyMap<K, Outcome<T>>, key: K): Outcome<T> {
  if (outcomes.has(key)) return outcomes.get(key) as Outcome<T>;
  return failureOf(Errors.UNKNOWN_SERVER_ERROR, 'the broker did not answer for this one') as ClientError;
}

export function grouped<K, V>(items: Iterable<V>, keyOf: (item: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const item of items) {
    const list = groups.get(keyOf(item));
    if (list === undefined) groups.set(keyOf(item), [item]);
    else list.push(item);
  }
  return groups;
}

/** Items by topic, as most requests want them. */
export function byTopic<P extends TopicPartition>(items: Iterable<P>): Map<string, P[]> {
  return grouped(items, ({ topic }) => topic);
}

/** One text for a partition, as Kafka prints it. */
export const placeOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;
