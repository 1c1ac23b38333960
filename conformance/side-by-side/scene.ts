// Fixed questions with the answers that Apache Kafka 4.3.1 gave to them: lines of test/fixtures/odd-requests.jsonl.gz, and those of
// users without rights in denied-requests.jsonl.gz, asked scene by scene of a node that is fresh. Ids of topics stand by name, bytes as hex and numbers beyond 2^53 as text.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { canonical } from '../transcripts/compare.ts';
import { LOGIN_PROPERTIES } from './logins.ts';
import { apiOf, type Peer } from './peer.ts';
import { setRights } from './rights.ts';
import { sceneRights } from './scene-rights.ts';
import { learnIds, makeCoordinators, makeGroups, makeTopics } from './world.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));

export const ODD_REQUESTS = fixture('odd-requests.jsonl.gz');
export const DENIED_REQUESTS = fixture('denied-requests.jsonl.gz');
/** Of a node at which users log in, with the rights of `sceneRights`. */
export const DENIED = 'denied';

export interface Question {
  /** `acls`: of a node with Kafka's authorizer, for whose super user all are asked. */
  readonly scene: string;
  /** Who asks after a login; left out: whoever needs none. */
  readonly user?: string;
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
    'issueTimestamp expiryTimestamp maxTimestamp issueTimestampMs expiryTimestampMs maxTimestampMs tokenId hmac lastTimestamp transactionStartTimeMs startTimestamp'
  ).split(' '),
);

/** An answer so that two that are the same are equal. Of records only the size: they have the times at which they were made. */
export const shown = (answer: unknown): unknown => withoutRecords(canonical(answer, MASKS));

/** How Kafka words what its controller refuses: the whole request, as Java prints it. */
const PRINTED_REQUEST = /^Request Request\(processor=/;

function withoutRecords(value: unknown, name = ''): unknown {
  if (typeof value === 'string' && PRINTED_REQUEST.test(value)) return 'Cluster authorization failed.';
  if (name === 'records' && typeof value === 'string') return `${value.length >> 1} bytes`;
  if (Array.isArray(value)) return value.map((element) => withoutRecords(element, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutRecords(inner, key)]));
}

export function readQuestions(file: string): Question[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line, revived) as Question);
}

export function writeQuestions(questions: readonly Question[], file: string): void {
  const lines = questions.map((question) => `${JSON.stringify(question, replaced)}\n`);
  writeFileSync(file, gzipSync(lines.join(''), { level: 9 }));
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
  if (scene === DENIED) return LOGIN_PROPERTIES;
  if (scene === 'sequences') return AT_ONCE;
  if (scene !== 'acls') return {};
  return {
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
  };
}

/** What all scenes begin with. */
export async function prepare(peer: Peer, scene: string, nowMs: number): Promise<void> {
  await makeCoordinators(peer);
  await makeTopics(peer, ['plain', 'compacted', 'other'], nowMs);
  if (scene !== DENIED) return;
  await makeGroups(peer, '0', ['plain', 'other']);
  await learnIds(peer);
  await setRights(peer, sceneRights);
}

export async function answerOf(
  peer: Peer,
  { user, key, version, body }: Pick<Question, 'user' | 'key' | 'version' | 'body'>,
): Promise<unknown> {
  return shown(peer.named(await peer.ask(apiOf(key), version, body, user)));
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
