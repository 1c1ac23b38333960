// Recordings that leave lines out: users whose grants change nothing are not in the files, though what they did is in the state
// that later lines show. What follows from that, and where the recorder waited between two lines (test/fixtures/README.md).
import { codecOf, encodeRequestHeader, Writer } from '../../src/protocol/index.ts';
import { FindCoordinator } from '../../src/protocol/messages/10-find-coordinator.ts';
import type { Line } from './line.ts';
import { PeerSocket } from './socket.ts';
import { type Body, decodeResponse } from './wire.ts';

/** The recorder had its coordinators made before the first line. */
export const needsCoordinators = ({ grants }: Line): boolean => grants !== undefined;

const KEYS = ['g', 'x', 'g:tL0Yn4KbTHe2BQ1UQmTB7w:0'];
const ROUNDS = 50;

function findRequest(keyType: number, key: string): Buffer {
  const writer = new Writer();
  writer.reset();
  encodeRequestHeader(writer, { requestApiKey: 10, requestApiVersion: 6, correlationId: 1, clientId: 'settling' });
  codecOf(FindCoordinator.request, 6).encode(writer, { keyType, coordinatorKeys: [key] });
  return Buffer.concat(writer.finish());
}

/** Asks until there are coordinators of groups, transactions and share groups. */
export async function makeCoordinators({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): Promise<void> {
  const socket = await PeerSocket.connect(host, port);
  for (const [keyType, key] of KEYS.entries()) {
    for (let round = 0; round < ROUNDS; round++) {
      socket.sendFrame(findRequest(keyType, key));
      const received = await socket.receive(5000);
      if (typeof received === 'string') throw new Error(`FindCoordinator: ${received}`);
      const { body } = decodeResponse(FindCoordinator as never, 6, received.frame);
      const [found] = body['coordinators'] as { readonly errorCode: number }[];
      if (found?.errorCode === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  socket.close();
}

/** The recorder asked twice, or waited until what it had set up was seen. */
const SETTLED: readonly { readonly ids: RegExp; readonly how: Partial<Line> }[] = [
  { ids: /^setup\.init\./, how: { repeat: 2 } },
  // The states of share groups are initialised, which is a new epoch.
  { ids: /^setup\.member\.ok-sg\.again$/, how: { waitMs: 1500 } },
];

export function settled(line: Line): Line {
  const found = SETTLED.find(({ ids }) => ids.test(line.id));
  return found === undefined ? line : { ...line, ...found.how };
}

/** What is other in a request that goes before the line, and is not judged. */
export function stepBefore({ id }: Line): Body | undefined {
  return /^setup\.member\..+-sg1?\.again$/.test(id) ? { memberEpoch: 2 } : undefined;
}

/** The recorder opened a connection of the same name, which had been closed in between. */
export const beginsAnew = ({ id }: Line): boolean => /^login\..*\.handshake$/.test(id);

/** Why a line cannot be judged: what it shows is the work of a timer that is not there. */
export function timeReason({ id }: Line): string | undefined {
  return /^StreamsGroupDescribe@(.*TOPIC\.(READ|DESCRIBE)|admin)/.test(id)
    ? 'time: the first assignment of a streams group is made with the heartbeat after the delay, not by a timer'
    : undefined;
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
const ADD_RAFT_VOTER = 80;
const REMOVE_RAFT_VOTER = 81;

/** Fields that tell how much was written by lines that are left out. */
export function masksOf(line: Line): readonly string[] {
  if (line.grants === undefined) return [];
  if (line.key === OFFSET_FOR_LEADER_EPOCH) return ['/endOffset'];
  // The id of the cluster stands in the text.
  if (line.key === ADD_RAFT_VOTER || line.key === REMOVE_RAFT_VOTER) return ['/errorMessage'];
  return line.key === DESCRIBE_LOG_DIRS ? ['/partitionSize'] : [];
}

/** Without the transactional ids that were made, one for each user, by lines of which most are left out. */
export function withoutOthers(line: Line, body: Body): Body {
  if (line.grants === undefined || line.key !== LIST_TRANSACTIONS) return body;
  const states = body['transactionStates'] as readonly { readonly transactionalId: string }[];
  return { ...body, transactionStates: states.filter(({ transactionalId }) => !transactionalId.includes('-i-')) };
}
