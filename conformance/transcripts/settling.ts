// Recordings that leave lines out: users whose grants change nothing are not in the files, though what they did is in the state
// that later lines show. What follows from that, and where the recorder waited between two lines (test/fixtures/README.md).
import type { Line } from './line.ts';
import type { Body } from './wire.ts';

/** The recorder asked twice, or waited until what it had set up was seen. */
const SETTLED: readonly { readonly ids: RegExp; readonly how: Partial<Line> }[] = [
  { ids: /^setup\.init\./, how: { repeat: 2 } },
  // The states of share groups are initialised, which is a new epoch.
  { ids: /^setup\.member\.ok-sg\.again$/, how: { waitMs: 1500 } },
  // The first assignment of streams groups is delayed by three seconds.
  { ids: /^StreamsGroupDescribe@none$/, how: { waitMs: 4000 } },
];

export function settled(line: Line): Line {
  const found = SETTLED.find(({ ids }) => ids.test(line.id));
  return found === undefined ? line : { ...line, ...found.how };
}

/** What is other in a request that goes before the line, and is not judged. */
export function stepBefore({ id }: Line): Body | undefined {
  return /^setup\.member\..+-sg1?\.again$/.test(id) ? { memberEpoch: 2 } : undefined;
}

export const STILL_THERE = 'earlier state: the line that deletes the topic is not in the file';
const TOPIC_ALREADY_EXISTS = 36;

/** A topic that a user deleted whose line is left out is still there when it is made anew. */
export function isStillThere({ id }: Line, answer: Body | undefined): boolean {
  if (!id.startsWith('setup.create.')) return false;
  const topics = (answer?.['topics'] ?? []) as readonly { readonly errorCode: number }[];
  return topics.length === 1 && topics[0]?.errorCode === TOPIC_ALREADY_EXISTS;
}

const OFFSET_FOR_LEADER_EPOCH = 23;
const DESCRIBE_LOG_DIRS = 35;
const LIST_TRANSACTIONS = 66;

/** Fields that tell how much was written by lines that are left out. */
export function masksOf(line: Line): readonly string[] {
  if (line.grants === undefined) return [];
  if (line.key === OFFSET_FOR_LEADER_EPOCH) return ['/endOffset'];
  return line.key === DESCRIBE_LOG_DIRS ? ['/partitionSize'] : [];
}

/** Without the transactional ids that were made, one for each user, by lines of which most are left out. */
export function withoutOthers(line: Line, body: Body): Body {
  if (line.grants === undefined || line.key !== LIST_TRANSACTIONS) return body;
  const states = body['transactionStates'] as readonly { readonly transactionalId: string }[];
  return { ...body, transactionStates: states.filter(({ transactionalId }) => !transactionalId.includes('-i-')) };
}
