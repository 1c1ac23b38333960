// Acknowledgements of share groups, which come by themselves or with a fetch (Kafka: KafkaApis.handleAcknowledgements): what is
// wrong with them on the face of it is answered here, the rest goes to the share partitions.
import type { MetadataImage } from '../kraft/metadata/index.ts';
import { Errors } from '../protocol/index.ts';
import type { ShareAcknowledgeRequest } from '../protocol/messages/79-share-acknowledge.ts';
import type { NamedPartition, SharePartitionManager } from '../share-partitions/index.ts';
import type { Access } from './access.ts';
import { hasPartition } from './group-requests.ts';
import type { RequestContext } from './handler.ts';

type AskedTopics = ShareAcknowledgeRequest['topics'];
type Batches = AskedTopics[number]['partitions'][number]['acknowledgementBatches'];

export interface AcknowledgementVerdict extends NamedPartition {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What is known of a request besides its acknowledgements. */
export interface Acknowledger {
  readonly groupId: string;
  readonly memberId: string;
  /** The version knows of renewed locks (KIP-1222). */
  readonly knowsRenewal: boolean;
  /** The request says that there are some. */
  readonly isRenewal: boolean;
  /** undefined: everything. */
  readonly mayRead: ((topic: string) => boolean) | undefined;
}

/** Who may read what; undefined without an authorizer. */
export function readersOf(access: Access | undefined, context: RequestContext): Acknowledger['mayRead'] {
  return access === undefined ? undefined : (topic) => access.may(context, 'READ', 'TOPIC', topic);
}

const RENEW = 4;
const LONGEST_MEMBER_ID = 36;

/** Member ids are those of the client's making; an empty one stands for nobody. */
export function isMemberIdValid(memberId: string | null): memberId is string {
  return memberId !== null && memberId !== '' && memberId.length <= LONGEST_MEMBER_ID;
}

/** Resolves when everything that was acknowledged is written down. Topics must be known. */
export async function acknowledgeAll(
  shares: SharePartitionManager,
  image: MetadataImage,
  topics: AskedTopics,
  who: Acknowledger,
): Promise<AcknowledgementVerdict[]> {
  const refused: AcknowledgementVerdict[] = [];
  const empty: AcknowledgementVerdict[] = [];
  const asked: Promise<AcknowledgementVerdict>[] = [];
  for (const { topicId, partitions } of topics) {
    const topic = image.topics.byId.get(topicId);
    for (const { partitionIndex, acknowledgementBatches: batches } of partitions) {
      const named = { topicId, topic: topic?.name ?? '', partition: partitionIndex };
      const verdict = (errorCode: number): AcknowledgementVerdict => ({ ...named, errorCode, errorMessage: null });
      if (topic !== undefined && who.mayRead?.(topic.name) === false) {
        refused.push(verdict(Errors.TOPIC_AUTHORIZATION_FAILED));
      } else if (!areValid(batches, who)) refused.push(verdict(Errors.INVALID_REQUEST));
      else if (!hasPartition(topic, partitionIndex)) refused.push(verdict(Errors.UNKNOWN_TOPIC_OR_PARTITION));
      else if (batches.length === 0) empty.push(verdict(Errors.NONE));
      else asked.push(acknowledgeOne(shares, who, named, batches));
    }
  }
  return asked.length === 0 ? refused : [...(await Promise.all(asked)), ...refused, ...empty];
}

async function acknowledgeOne(
  shares: SharePartitionManager,
  { groupId, memberId }: Acknowledger,
  named: NamedPartition,
  batches: Batches,
): Promise<AcknowledgementVerdict> {
  const fault = await shares.acknowledge(groupId, memberId, named, batches);
  return { ...named, errorCode: fault?.errorCode ?? Errors.NONE, errorMessage: fault?.errorMessage ?? null };
}

function areValid(batches: Batches, { knowsRenewal, isRenewal }: Acknowledger): boolean {
  const largestType = knowsRenewal && isRenewal ? RENEW : RENEW - 1;
  let end = -1;
  for (const { firstOffset, lastOffset, acknowledgeTypes } of batches) {
    if (firstOffset > lastOffset || firstOffset < end || acknowledgeTypes.length === 0) return false;
    if (acknowledgeTypes.length > 1 && lastOffset - firstOffset !== acknowledgeTypes.length - 1) return false;
    if (acknowledgeTypes.some((type) => type < 0 || type > largestType)) return false;
    end = lastOffset;
  }
  return true;
}
