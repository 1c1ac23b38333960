// Fixed questions with the answers that Apache Kafka 4.3.1 gave to them: lines of test/fixtures/odd-requests.jsonl.gz, asked scene by
// scene of a node that is fresh. Ids of topics stand by name, bytes as hex and numbers beyond 2^53 as text.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { canonical } from '../transcripts/compare.ts';
import { apiOf, type Peer } from './peer.ts';

export const QUESTIONS = fileURLToPath(new URL('../../test/fixtures/odd-requests.jsonl.gz', import.meta.url));

export interface Question {
  /** `acls`: of a node with Kafka's authorizer, for whose super user all are asked. */
  readonly scene: string;
  readonly key: number;
  readonly version: number;
  readonly body: unknown;
  /** As `shown`. */
  readonly answer: unknown;
}

/** What no two brokers share. */
const MASKS = new Set(
  (
    'throttleTimeMs host port clusterId memberId leader sessionId logDir totalBytes usableBytes brokerEpoch logAppendTimeMs ' +
    'issueTimestampMs expiryTimestampMs maxTimestampMs tokenId hmac lastTimestamp transactionStartTimeMs startTimestamp'
  ).split(' '),
);

/** An answer so that two that are the same are equal. Of records only the size: they have the times at which they were made. */
export const shown = (answer: unknown): unknown => withoutRecords(canonical(answer, MASKS));

function withoutRecords(value: unknown, name = ''): unknown {
  if (name === 'records' && typeof value === 'string') return `${value.length >> 1} bytes`;
  if (Array.isArray(value)) return value.map((element) => withoutRecords(element, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutRecords(inner, key)]));
}

export function readQuestions(): Question[] {
  const lines = gunzipSync(readFileSync(QUESTIONS)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line, revived) as Question);
}

export function writeQuestions(questions: readonly Question[]): void {
  const lines = questions.map((question) => `${JSON.stringify(question, replaced)}\n`);
  writeFileSync(QUESTIONS, gzipSync(lines.join(''), { level: 9 }));
}

/** Groups that put nothing off: what a member does shows in the next answer. */
const AT_ONCE: Readonly<Record<string, string>> = {
  'group.consumer.assignment.interval.ms': '0',
  'group.share.assignment.interval.ms': '0',
  'group.streams.assignment.interval.ms': '0',
  'group.streams.initial.rebalance.delay.ms': '0',
  // The other assignor goes by the hashes of topic ids, which no two brokers share.
  'group.consumer.assignors': 'range,uniform',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.num.partitions': '4',
  'share.coordinator.state.topic.num.partitions': '4',
};

/** The properties of the node that a scene is asked of. */
export function propertiesOf(scene: string): Record<string, string> {
  if (scene === 'sequences') return AT_ONCE;
  if (scene !== 'acls') return {};
  return {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  };
}

export async function answerOf(
  peer: Peer,
  { key, version, body }: Pick<Question, 'key' | 'version' | 'body'>,
): Promise<unknown> {
  return shown(peer.named(await peer.ask(apiOf(key), version, body)));
}

interface Written {
  readonly $hex?: string;
  readonly $int64?: string;
}

/** Of JSON: bytes and large numbers as they were. */
export function revived(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { $hex, $int64 } = value as Written;
  if ($hex !== undefined) return Buffer.from($hex, 'hex');
  return $int64 === undefined ? value : BigInt($int64);
}

/** For JSON. */
export function replaced(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { $int64: String(value) };
  const bytes = value as { readonly type?: string; readonly data?: readonly number[] } | null;
  return bytes?.type === 'Buffer' ? { $hex: Buffer.from(bytes.data ?? []).toString('hex') } : value;
}
