// Under which subject a schema stands (Confluent's three strategies).

/** topic: `orders-value` · record: `com.example.Order` · topic-record: `orders-com.example.Order`. */
export type SubjectName =
  | 'topic'
  | 'record'
  | 'topic-record'
  | ((topic: string, isKey: boolean, record: string | undefined) => string);

/** Throws an Error when the record has no name and the strategy wants one. */
export function subjectOf(strategy: SubjectName, topic: string, isKey: boolean, record: string | undefined): string {
  if (typeof strategy === 'function') return strategy(topic, isKey, record);
  if (strategy === 'topic') return `${topic}-${isKey ? 'key' : 'value'}`;
  if (record === undefined)
    throw new Error(
      `The schema for topic ${topic} has no name, which its subject would have (strategy ${strategy}); use the strategy topic`,
    );
  return strategy === 'record' ? record : `${topic}-${record}`;
}
