// Which topics a member reads: those that it was told, or all whose names match a pattern, in RE2's syntax. Where the broker does
// not resolve patterns itself (KIP-848) all topics are asked for from time to time.
import { Errors, KafkaError } from '../../protocol/index.ts';
import { Metadata } from '../../protocol/messages/03-metadata.ts';
import { loadRegexEngine, type Regex } from '../../runtime/index.ts';
import type { ClusterClient } from '../connections/cluster-client.ts';

export class Subscription {
  readonly pattern: string | undefined;
  #names: readonly string[];
  #regex: Regex | undefined;

  /** Of topics by name, or by pattern; then none are known before the first `resolve`. */
  constructor(what: { readonly topics: readonly string[] } | { readonly pattern: string }) {
    this.pattern = 'pattern' in what ? what.pattern : undefined;
    this.#names = 'topics' in what ? [...new Set(what.topics)].sort() : [];
  }

  /** Sorted. */
  get names(): readonly string[] {
    return this.#names;
  }

  /** Asks which topics match, if that is the question. Rejects with KafkaError, or InvalidRegexError. */
  async resolve(client: ClusterClient): Promise<void> {
    if (this.pattern === undefined) return;
    this.#regex ??= (await loadRegexEngine()).compile(this.pattern);
    const regex = this.#regex;
    const answer = await client.askAny(Metadata, (version) => ({
      topics: version === 0 ? [] : null,
      ...(version >= 4 && { allowAutoTopicCreation: false }),
    }));
    if (answer.errorCode !== Errors.NONE)
      throw new KafkaError(answer.errorCode as (typeof Errors)['UNKNOWN_SERVER_ERROR']);
    const names = answer.topics.flatMap(({ name, isInternal }) => (name === null || isInternal ? [] : [name]));
    this.#names = names.filter((name) => regex.matches(name)).sort();
  }
}

/** How many partitions each of the topics has, of those that exist, as a fresh answer has it. Rejects with KafkaError. */
export async function partitionCounts(client: ClusterClient, topics: readonly string[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  if (topics.length === 0) return counts;
  await client.topics.refresh(topics);
  for (const topic of topics) {
    const count = client.topics.partitionsOf(topic).length;
    if (count > 0 && client.topics.errorOf(topic) === undefined) counts.set(topic, count);
  }
  return counts;
}
