// Quotas of users, client ids and addresses (KIP-546).
import { DescribeClientQuotas } from '../../protocol/messages/48-describe-client-quotas.ts';
import { AlterClientQuotas } from '../../protocol/messages/49-alter-client-quotas.ts';
import type { CallOptions } from '../connections/patience.ts';
import type { Asking } from './asking.ts';
import { answerFor, failureOf, type OutcomeFor, throwIfFailed } from './outcomes.ts';

/** By type (`user`, `client-id`, `ip`) the name; null is the default of the type. */
export type QuotaEntity = Readonly<Record<string, string | null>>;

export interface QuotaFilter {
  /** What entities must have; none: all entities. */
  readonly components?: readonly QuotaFilterComponent[];
  /** Entities that have other parts as well are left out. */
  readonly strict?: boolean;
}

export interface QuotaFilterComponent {
  readonly type: string;
  /** A name, or null for the default; left out: whatever the name. */
  readonly match?: string | null;
}

export interface ClientQuotas {
  readonly entity: QuotaEntity;
  /** `producer_byte_rate`, `consumer_byte_rate`, `request_percentage`, `controller_mutation_rate`, `connection_creation_rate`. */
  readonly quotas: Readonly<Record<string, number>>;
}

export interface QuotaAlteration {
  readonly entity: QuotaEntity;
  /** null removes the quota. */
  readonly changes: Readonly<Record<string, number | null>>;
}

export interface AlterQuotasOptions extends CallOptions {
  readonly validateOnly?: boolean;
}

const EXACTLY = 0;
const DEFAULT = 1;
const WHATEVER = 2;

/** Rejects with KafkaError. */
export function describeClientQuotas(asking: Asking, filter: QuotaFilter): Promise<ClientQuotas[]> {
  const { components = [], strict = false } = filter;
  return asking.retrying(async () => {
    const answer = await asking.any(DescribeClientQuotas, {
      components: components.map(({ type, match }) => ({ entityType: type, ...wireMatch(match) })),
      strict,
    });
    throwIfFailed(answer.errorCode, answer.errorMessage);
    return (answer.entries ?? []).map(({ entity, values }) => ({
      entity: entityOf(entity),
      quotas: Object.fromEntries(values.map(({ key, value }) => [key, value])),
    }));
  });
}

function wireMatch(match: string | null | undefined): { matchType: number; match: string | null } {
  if (match === undefined) return { matchType: WHATEVER, match: null };
  return match === null ? { matchType: DEFAULT, match: null } : { matchType: EXACTLY, match };
}

/** In the order given. Rejects with KafkaError. */
export async function alterClientQuotas(
  asking: Asking,
  alterations: readonly QuotaAlteration[],
  { validateOnly = false }: AlterQuotasOptions,
): Promise<OutcomeFor<{ readonly entity: QuotaEntity }, undefined>[]> {
  const { entries } = await asking.retrying(() =>
    asking.any(AlterClientQuotas, {
      entries: alterations.map(({ entity, changes }) => ({
        entity: Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName })),
        ops: Object.entries(changes).map(([key, value]) => ({ key, value: value ?? 0, remove: value === null })),
      })),
      validateOnly,
    }),
  );
  const outcomes = new Map(
    entries.map((one) => [textOf(entityOf(one.entity)), failureOf(one.errorCode, one.errorMessage)]),
  );
  return alterations.map(({ entity }) => ({ entity, result: answerFor(outcomes, textOf(entity)) }));
}

function entityOf(
  parts: readonly { readonly entityType: string; readonly entityName: string | null }[],
): Record<string, string | null> {
  return Object.fromEntries(parts.map(({ entityType, entityName }) => [entityType, entityName]));
}

const textOf = (entity: QuotaEntity): string =>
  JSON.stringify(Object.entries(entity).sort(([a], [b]) => (a < b ? -1 : 1)));
