// The originals print many of their lists in the order in which Java walks a HashMap or HashSet.
import { copiedCapacity, hashOrder, hashOrderOfTexts, javaHash, partitionHash } from '../../protocol/index.ts';

export { hashOrder, hashOrderOfTexts } from '../../protocol/index.ts';

/** What a HashMap with texts as keys holds. */
export const hashOrderOfEntries = <V>(entries: Iterable<readonly [string, V]>): (readonly [string, V])[] =>
  hashOrder(entries, ([text]) => javaHash(text));

/** The keys of a HashMap that is made as a copy of such a one: it is as small as it can be. */
export function hashOrderOfCopiedTexts(texts: Iterable<string>): string[] {
  const inOrder = hashOrderOfTexts(texts);
  return hashOrderOfTexts(inOrder, copiedCapacity(inOrder.length));
}

/** An Integer is its own hash. */
export const hashOrderOfNumbers = (numbers: Iterable<number>): number[] => hashOrder(numbers, (number) => number);

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

export const hashOrderOfPlaces = <P extends Place>(places: Iterable<P>): P[] => hashOrder(places, partitionHash);

/** As TopicPartition.toString() has it. */
export const placeText = ({ topic, partition }: Place): string => `${topic}-${partition}`;
