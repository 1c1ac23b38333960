// Checks golden lines about quotas: which one binds whom, and how long clients wait on a clock that is moved by hand.
import { QuotaLimits } from '../src/broker/quotas/quota-limits.ts';
import { SampledRate } from '../src/broker/quotas/sampled-rate.ts';
import { TokenBucket } from '../src/broker/quotas/token-bucket.ts';
import { MetadataDelta, MetadataImage } from '../src/kraft/metadata/index.ts';

const KEY = 'producer_byte_rate';
const DEFAULT = '<default>';

interface SetRow {
  readonly user?: string;
  readonly 'client-id'?: string;
  readonly producer_byte_rate: number | null;
}
interface AskRow {
  readonly user: string;
  readonly 'client-id': string;
  readonly limit: number | null;
  readonly bucket: Readonly<Record<string, string>>;
}
export interface PrecedenceRow {
  readonly set: readonly SetRow[];
  readonly ask: readonly AskRow[];
}

const nameOf = (name: string): string | null => (name === DEFAULT ? null : name);

function imageAfter(rows: readonly SetRow[]): MetadataImage {
  const delta = new MetadataDelta(MetadataImage.empty);
  for (const row of rows) {
    const entity = (['client-id', 'user'] as const).flatMap((entityType) => {
      const name = row[entityType];
      return name === undefined ? [] : [{ entityType, entityName: nameOf(name) }];
    });
    const value = row.producer_byte_rate ?? 0;
    const remove = row.producer_byte_rate === null;
    delta.replay({ type: 'ClientQuotaRecord', version: 0, entity, key: KEY, value, remove });
  }
  return delta.apply({ offset: 1, epoch: 1, appendTimeMs: 0, isBatchAligned: true });
}

/** Where nothing is limited nothing is measured here, so that buckets are compared where there is a limit. */
export function checkPrecedence({ set, ask }: PrecedenceRow): string | undefined {
  const limits = QuotaLimits.of(imageAfter(set).clientQuotas, KEY);
  const theirs = new Map<string, string>();
  for (const row of ask) {
    const bound = limits.boundTo(row.user, row['client-id']);
    if ((bound?.limit ?? null) !== row.limit) return `${JSON.stringify(row)}: we say ${bound?.limit}`;
    if (bound === undefined) continue;
    const known = theirs.get(bound.bucket) ?? JSON.stringify(row.bucket);
    if (known !== JSON.stringify(row.bucket)) return `${JSON.stringify(row)}: shares the measure of ${known}`;
    theirs.set(bound.bucket, known);
  }
  const distinct = new Set(theirs.values()).size;
  return distinct === theirs.size ? undefined : `${theirs.size} measures for ${distinct} of Kafka's`;
}

export interface SeriesRow {
  readonly kind: string;
  readonly limit: number;
  readonly samples: number;
  readonly windowSeconds: number;
  readonly steps: readonly {
    readonly atMs: number;
    readonly value?: number;
    readonly mutations?: number;
    readonly accepted?: boolean;
    readonly throttleMs: number;
  }[];
}

export function checkSeries({ kind, limit, samples, windowSeconds, steps }: SeriesRow): string | undefined {
  const windows = { samples, windowMs: windowSeconds * 1000 };
  const rate = new SampledRate(windows);
  const bucket = new TokenBucket(windows);
  const isStrict = kind.endsWith('strict');
  for (const [index, { atMs, value = 0, mutations = 0, accepted = true, throttleMs }] of steps.entries()) {
    let said: number;
    let isAccepted = true;
    if (kind === 'rate') {
      rate.record(value, atMs);
      said = rate.throttleMs(limit, atMs);
    } else if (isStrict) {
      said = bucket.throttleMs(limit, atMs);
      isAccepted = said === 0;
      if (isAccepted) bucket.take(mutations, limit, atMs);
    } else {
      bucket.take(mutations, limit, atMs);
      said = bucket.throttleMs(limit, atMs);
    }
    if (said !== throttleMs || isAccepted !== accepted) {
      return `step ${index} at ${atMs}: expected ${throttleMs} ms, accepted ${accepted}; we say ${said} ms, ${isAccepted}`;
    }
  }
  return undefined;
}
