// Which groups there are: each broker is asked for those that it coordinates (Kafka: Admin.listGroups, KIP-1043).
import { Errors, KafkaError } from '../../protocol/index.ts';
import { ListGroups } from '../../protocol/messages/16-list-groups.ts';
import type { CallOptions } from '../connections/patience.ts';
import { type ClientError, clientErrorOf } from '../errors.ts';
import type { Asking } from './asking.ts';
import { throwIfFailed } from './outcomes.ts';

/** Consumer: KIP-848; Classic: the protocol before it. */
export type GroupType = 'Consumer' | 'Classic' | 'Share' | 'Streams' | 'Unknown';

export interface ListedGroup {
  readonly groupId: string;
  /** undefined: the broker is older than Kafka 3.8. */
  readonly type: GroupType | undefined;
  /** The protocol type: 'consumer', 'connect', 'share' …; '' for offsets without members. */
  readonly protocol: string;
  /** As `Stable`, `Empty`; undefined: the broker is older than Kafka 2.6. */
  readonly state: string | undefined;
  /** Offsets without members: a consumer that assigns itself. */
  readonly isSimpleConsumerGroup: boolean;
}

export interface ListGroupsOptions extends CallOptions {
  /** Left out or empty: all; likewise the others. */
  readonly states?: readonly string[];
  readonly types?: readonly GroupType[];
  readonly protocols?: readonly string[];
}

export interface ListedGroups {
  readonly groups: readonly ListedGroup[];
  /** Of brokers that did not answer: their groups are missing. */
  readonly errors: readonly ClientError[];
}

/** Rejects with KafkaError when no broker can be found. */
export async function listGroups(asking: Asking, how: ListGroupsOptions): Promise<ListedGroups> {
  const { nodes } = await asking.cluster();
  const groups = new Map<string, ListedGroup>();
  const errors: ClientError[] = [];
  await Promise.all(
    nodes.map(async ({ id }) => {
      try {
        for (const group of await asking.retrying(() => groupsOf(asking, id, how))) groups.set(group.groupId, group);
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        errors.push(clientErrorOf(error) as ClientError);
      }
    }),
  );
  return { groups: [...groups.values()], errors };
}

/** Versions of ListGroups from which on states (KIP-518) and types (KIP-848) are known. */
const STATES_SINCE = 4;
const TYPES_SINCE = 5;

async function groupsOf(asking: Asking, nodeId: number, how: ListGroupsOptions): Promise<ListedGroup[]> {
  const { states = [], types = [], protocols = [] } = how;
  let version = 0;
  const answer = await asking.node(nodeId, ListGroups, (chosen) => {
    version = chosen;
    return { statesFilter: states, ...typesFor(chosen, types) };
  });
  throwIfFailed(answer.errorCode);
  const listed = answer.groups.map(({ groupId, protocolType, groupState, groupType }) => ({
    groupId,
    type: version < TYPES_SINCE ? undefined : typeOf(groupType),
    protocol: protocolType,
    state: version < STATES_SINCE ? undefined : groupState,
    isSimpleConsumerGroup: protocolType === '' && (version < TYPES_SINCE || typeOf(groupType) === 'Classic'),
  }));
  return listed.filter(({ protocol }) => protocols.length === 0 || protocols.includes(protocol));
}

/** Before KIP-848 all groups were classic: who asks for these gets them, who asks for others alone gets none. */
function typesFor(version: number, types: readonly GroupType[]): { typesFilter?: readonly string[] } {
  if (version >= TYPES_SINCE) return { typesFilter: types.map((type) => type.toLowerCase()) };
  if (types.length === 0 || types.includes('Classic')) return {};
  throw new KafkaError(Errors.UNSUPPORTED_VERSION, 'types of groups are told by brokers from Kafka 3.8 on');
}

const TYPES: readonly GroupType[] = ['Consumer', 'Classic', 'Share', 'Streams'];

function typeOf(name: string): GroupType {
  return TYPES.find((type) => type.toLowerCase() === name.toLowerCase()) ?? 'Unknown';
}
