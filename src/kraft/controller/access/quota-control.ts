// Client quotas set and removed (Kafka: ClientQuotaControlManager). An address is told by its number, or as localhost: other
// names are not looked up.
import { Errors, KafkaError } from '../../../protocol/index.ts';
import type {
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
} from '../../../protocol/messages/49-alter-client-quotas.ts';
import {
  type ClientQuotaRecord,
  isAddress,
  type MetadataImage,
  quotaEntity,
  quotaEntityKey,
  type QuotaEntityPart,
} from '../../metadata/index.ts';
import { type ApiError, errorOf, type Outcome } from '../operation.ts';

type Entry = AlterClientQuotasRequest['entries'][number];

type NumberKind = 'LONG' | 'INT' | 'DOUBLE';

/** What may be limited, and the type of each limit (Kafka: QuotaConfig). */
export const QUOTA_KEYS: Readonly<Record<'ofClients' | 'ofAddresses', ReadonlyMap<string, NumberKind>>> = {
  ofClients: new Map([
    ['producer_byte_rate', 'LONG'],
    ['consumer_byte_rate', 'LONG'],
    ['request_percentage', 'DOUBLE'],
    ['controller_mutation_rate', 'DOUBLE'],
  ]),
  ofAddresses: new Map([['connection_creation_rate', 'INT']]),
};
const LARGEST: Readonly<Record<NumberKind, number>> = { LONG: 2 ** 63, INT: 2 ** 31 - 1, DOUBLE: Number.MAX_VALUE };
const MAX_RECORDS_PER_REQUEST = 10_000;
/** Whole numbers may be off by this much. */
const EPSILON = 1e-6;

/** Throws KafkaError POLICY_VIOLATION for more than the log takes in one batch. */
export function alterClientQuotas(
  image: MetadataImage,
  { entries, validateOnly }: AlterClientQuotasRequest,
): Outcome<AlterClientQuotasResponse> {
  const records: ClientQuotaRecord[] = [];
  const results = new Map<string, ApiError & { readonly entity: QuotaEntityPart[] }>();
  for (const entry of entries) {
    const entity = entityOf(entry);
    const key = quotaEntityKey(entity);
    const isTwice = results.has(key) || new Set(entry.ops.map((op) => op.key)).size < entry.ops.length;
    const error = errorOf(() => {
      if (isTwice) throw invalid(`Ignoring duplicate entity ${textOf(entity)}`);
      records.push(...recordsFor(image, entity, entry.ops));
    });
    results.set(key, { ...error, entity: [...entity] });
  }
  if (records.length > MAX_RECORDS_PER_REQUEST) {
    throw new KafkaError(Errors.POLICY_VIOLATION, 'Unable to perform excessively large batch operation.');
  }
  return { records: validateOnly ? [] : records, response: { entries: [...results.values()] } };
}

/** Of a type that is named twice the last name counts. */
function entityOf({ entity }: Entry): readonly QuotaEntityPart[] {
  const parts = new Map(entity.map((part) => [part.entityType, part]));
  return quotaEntity([...parts.values()]);
}

const textOf = (entity: readonly QuotaEntityPart[]): string =>
  `ClientQuotaEntity(entries={${entity.map(({ entityType, entityName }) => `${entityType}=${entityName}`).join(', ')}})`;

function recordsFor(image: MetadataImage, entity: readonly QuotaEntityPart[], ops: Entry['ops']): ClientQuotaRecord[] {
  const kinds = kindsFor(entity);
  const present = image.clientQuotas.get(quotaEntityKey(entity))?.quotas;
  const records: ClientQuotaRecord[] = [];
  for (const { key, value, remove } of ops) {
    if (!remove) checkValue(kinds, key, value);
    const isChange = remove ? present?.has(key) === true : present?.get(key) !== value;
    if (isChange) records.push({ type: 'ClientQuotaRecord', version: 0, entity: [...entity], key, value, remove });
  }
  return records;
}

/** The keys that the entity may have. Throws KafkaError INVALID_REQUEST. */
function kindsFor(entity: readonly QuotaEntityPart[]): ReadonlyMap<string, NumberKind> {
  if (entity.length === 0) throw invalid('Invalid empty client quota entity');
  for (const { entityType, entityName } of entity) {
    if (entityType !== 'user' && entityType !== 'client-id' && entityType !== 'ip') {
      throw invalid(`Unhandled client quota entity type: ${entityType}`);
    }
    if (entityName === '') throw invalid(`Empty ${entityType} not supported`);
  }
  const ip = entity.find(({ entityType }) => entityType === 'ip');
  if (ip === undefined) return QUOTA_KEYS.ofClients;
  if (entity.length > 1) {
    throw invalid('Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId');
  }
  if (ip.entityName !== null && !isAddress(ip.entityName)) {
    throw invalid(`${ip.entityName} is not a valid IP or resolvable host.`);
  }
  return QUOTA_KEYS.ofAddresses;
}

function checkValue(kinds: ReadonlyMap<string, NumberKind>, key: string, value: number): void {
  const kind = kinds.get(key);
  if (kind === undefined) throw invalid(`Invalid configuration key ${key}`);
  if (!(value > 0)) throw invalid(`Quota ${key} must be greater than 0`);
  if (kind === 'DOUBLE') return;
  if (value > LARGEST[kind])
    throw invalid(`Proposed value for ${key} is too large for ${kind === 'INT' ? 'an' : 'a'} ${kind}.`);
  if (Math.abs(Math.trunc(value + EPSILON) - value) > EPSILON) throw invalid(`${key} cannot be a fractional value.`);
}

const invalid = (message: string): KafkaError => new KafkaError(Errors.INVALID_REQUEST, message);
