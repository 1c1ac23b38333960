// DescribeClientQuotas, versions 0 to 1: the quotas of users, client ids and addresses that match a filter (KIP-546; Kafka:
// ClientQuotasImage.describe).
import type { EntityQuotas } from '../kraft/metadata/index.ts';
import { Errors, KafkaError } from '../protocol/index.ts';
import {
  DescribeClientQuotas,
  type DescribeClientQuotasRequest,
} from '../protocol/messages/48-describe-client-quotas.ts';
import type { BrokerIdentity } from './broker-endpoints.ts';
import { defineHandler } from './handler.ts';

type Component = DescribeClientQuotasRequest['components'][number];

const EXACT = 0;
const DEFAULT = 1;
const SPECIFIED = 2;
const TYPES: ReadonlySet<string> = new Set(['user', 'client-id', 'ip']);

export const describeClientQuotas = (identity: Pick<BrokerIdentity, 'image'>) =>
  defineHandler(DescribeClientQuotas, {
    authorize: [
      {
        operation: 'DESCRIBE_CONFIGS',
        resource: 'CLUSTER',
        at: [],
        asked: 'before',
        denied: 'CLUSTER_AUTHORIZATION_FAILED',
        hasText: false,
      },
    ],
    handle({ components, strict }) {
      checkFilter(components);
      const entries = Array.from(identity.image().clientQuotas.values())
        .filter((quotas) => matches(quotas, components, strict))
        .map(({ entity, quotas }) => ({
          entity: [...entity],
          values: Array.from(quotas, ([key, value]) => ({ key, value })),
        }));
      return { errorCode: Errors.NONE, errorMessage: '', entries };
    },
    failed: (_request, errorCode, errorMessage) => ({ errorCode, errorMessage, entries: null }),
  });

/** Throws KafkaError INVALID_REQUEST, or UNSUPPORTED_VERSION for a type that nobody knows. */
function checkFilter(components: readonly Component[]): void {
  const types = new Set<string>();
  for (const { entityType, matchType, match } of components) {
    if (types.has(entityType)) throw invalid(`Entity type ${entityType} cannot appear more than once in the filter.`);
    types.add(entityType);
    if (entityType === '') throw invalid('Invalid empty entity type.');
    if (!TYPES.has(entityType)) {
      throw new KafkaError(Errors.UNSUPPORTED_VERSION, `Unsupported entity type ${entityType}`);
    }
    checkMatch(matchType, match);
  }
  if (types.has('ip') && types.size > 1) {
    throw invalid(
      'Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.',
    );
  }
}

function checkMatch(matchType: number, match: string | null): void {
  const also = (kind: string): KafkaError =>
    invalid(`Request specified MATCH_TYPE_${kind}, but also specified a match string.`);
  switch (matchType) {
    case EXACT:
      if (match === null) throw invalid('Request specified MATCH_TYPE_EXACT, but set match string to null.');
      return;
    case DEFAULT:
      if (match !== null) throw also('DEFAULT');
      return;
    case SPECIFIED:
      if (match !== null) throw also('SPECIFIED');
      return;
    default:
      throw invalid(`Unknown match type ${matchType}`);
  }
}

function matches({ entity }: EntityQuotas, components: readonly Component[], isStrict: boolean): boolean {
  if (isStrict && entity.length !== components.length) return false;
  return components.every(({ entityType, matchType, match }) => {
    const part = entity.find((one) => one.entityType === entityType);
    if (part === undefined) return false;
    return matchType === SPECIFIED || part.entityName === match;
  });
}

const invalid = (message: string): KafkaError => new KafkaError(Errors.INVALID_REQUEST, message);
