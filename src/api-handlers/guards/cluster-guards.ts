// Configs, coordinators and transactions: APIs whose resources are of several kinds.
import {
  RESOURCE_BROKER,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
  RESOURCE_TOPIC,
} from '../../kraft/metadata/index.ts';
import { CLUSTER_NAME, errorMessage } from '../../protocol/index.ts';
import { answerOf, type Body, DENIED, type Guard, type Guarded, may, refusalOf, sees, withAnswer } from './guard.ts';
import { eachItem, type ItemPermission } from './items.ts';

interface ConfigResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** Brokers, loggers and client metrics are the cluster's. */
function configPermission({ resourceType, resourceName }: ConfigResource): ItemPermission | undefined {
  const needed = (resource: 'TOPIC' | 'GROUP' | 'CLUSTER', name: string): ItemPermission => ({
    operation: 'DESCRIBE_CONFIGS',
    resource,
    name,
    code: DENIED[resource],
    message: errorMessage(DENIED[resource]),
  });
  switch (resourceType) {
    case RESOURCE_TOPIC:
      return needed('TOPIC', resourceName);
    case RESOURCE_GROUP:
      return needed('GROUP', resourceName);
    case RESOURCE_BROKER:
    case RESOURCE_BROKER_LOGGER:
    case RESOURCE_CLIENT_METRICS:
      return needed('CLUSTER', CLUSTER_NAME);
    default:
      return undefined;
  }
}

export const describeConfigs = eachItem({
  asked: 'resources',
  answered: 'results',
  permission: (resource: ConfigResource) => configPermission(resource),
});

const SEVERAL_KEYS_SINCE = 4;
const SHARE = 2;
const SHARE_SINCE = 6;

/** The error of a key whose coordinator may not be asked for; undefined when it may. */
function keyDenial(guarded: Guarded, keyType: number, key: string): number | undefined {
  if (keyType === 0) return may(guarded, 'DESCRIBE', 'GROUP', key) ? undefined : DENIED.GROUP;
  if (keyType === 1) return may(guarded, 'DESCRIBE', 'TRANSACTIONAL_ID', key) ? undefined : DENIED.TRANSACTIONAL_ID;
  // Versions that do not know of it refuse it for that.
  if (
    keyType !== SHARE ||
    guarded.context.apiVersion < SHARE_SINCE ||
    may(guarded, 'CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME)
  )
    return undefined;
  return DENIED.CLUSTER;
}

export const findCoordinator: Guard = (guarded) => {
  const { request, context } = guarded;
  const keyType = request['keyType'] as number;
  if (context.apiVersion < SEVERAL_KEYS_SINCE) {
    const code = keyDenial(guarded, keyType, request['key'] as string);
    return code === undefined ? answerOf(guarded) : refusalOf(guarded, request, code);
  }
  const keys = request['coordinatorKeys'] as readonly string[];
  const codes = keys.map((key) => keyDenial(guarded, keyType, key));
  // Kafka has a text only where share partitions are concerned.
  const textOf = (code: number): string => (keyType === SHARE ? (errorMessage(code) ?? '') : '');
  const refusals = codes.map((errorCode, index) =>
    errorCode === undefined
      ? undefined
      : { key: keys[index], nodeId: -1, host: '', port: -1, errorCode, errorMessage: textOf(errorCode) },
  );
  const allowed = keys.filter((_, index) => codes[index] === undefined);
  if (allowed.length === keys.length) return answerOf(guarded);
  if (allowed.length === 0) return { coordinators: refusals };
  // Answers stand in the order of the keys.
  return withAnswer(answerOf(guarded, { ...request, coordinatorKeys: allowed }), (body) => {
    const found = [...(body['coordinators'] as object[])];
    return { ...body, coordinators: refusals.map((refusal) => refusal ?? (found.shift() as object)) };
  });
};

/** An idempotent producer needs the right on the cluster, or to write to any topic whatever. */
export const initProducerId: Guard = (guarded) => {
  const { request, context, access } = guarded;
  const id = request['transactionalId'] as string | null;
  if (id === null) {
    const isAllowed =
      sees(guarded, 'IDEMPOTENT_WRITE', 'CLUSTER', CLUSTER_NAME) ||
      access.mayOnAny(context, 'WRITE', 'TOPIC') ||
      may(guarded, 'IDEMPOTENT_WRITE', 'CLUSTER', CLUSTER_NAME);
    return isAllowed ? answerOf(guarded) : refusalOf(guarded, request, DENIED.CLUSTER);
  }
  const isAllowed =
    may(guarded, 'WRITE', 'TRANSACTIONAL_ID', id) &&
    (request['enable2Pc'] !== true || may(guarded, 'TWO_PHASE_COMMIT', 'TRANSACTIONAL_ID', id));
  return isAllowed ? answerOf(guarded) : refusalOf(guarded, request, DENIED.TRANSACTIONAL_ID);
};

interface TransactionState {
  readonly transactionalId: string;
  readonly errorCode: number;
  readonly topics: readonly { readonly topic: string }[];
}

export const describeTransactions = eachItem(
  {
    asked: 'transactionalIds',
    answered: 'transactionStates',
    permission: (name: string) => ({
      operation: 'DESCRIBE',
      resource: 'TRANSACTIONAL_ID',
      name,
      code: DENIED.TRANSACTIONAL_ID,
    }),
  },
  (body: Body, guarded: Guarded) => ({
    ...body,
    transactionStates: (body['transactionStates'] as TransactionState[]).map((state) => ({
      ...state,
      topics: state.topics.filter(({ topic }) => sees(guarded, 'DESCRIBE', 'TOPIC', topic)),
    })),
  }),
);

export const listTransactions: Guard = (guarded) =>
  withAnswer(answerOf(guarded), (body) => ({
    ...body,
    transactionStates: (body['transactionStates'] as TransactionState[]).filter(({ transactionalId }) =>
      sees(guarded, 'DESCRIBE', 'TRANSACTIONAL_ID', transactionalId),
    ),
  }));
