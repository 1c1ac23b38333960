// What being safe costs, and whether it holds: TLS beside Apache Kafka, metrics on and off, questions to an authorizer with many
// entries, idle connections by the ten thousand, a producer beside a flood, quotas of each kind.

import type { LoneContender, LoneTools } from '../alone.ts';
import type { BestOf } from '../cases.ts';
import type { Drivers } from '../drivers.ts';
import { type AclChecks, aclChecks } from './acl-checks.ts';
import { type FloodFigures, floodFigures } from './flood.ts';
import { type IdleConnections, idleConnections } from './idle-connections.ts';
import { type MetricsCost, metricsCost } from './metrics-cost.ts';
import { type QuotaFigures, quotaFigures } from './quotas.ts';
import { tlsLoads } from './tls-load.ts';

export interface SecurityFigures {
  readonly metrics?: readonly MetricsCost[];
  readonly acls?: AclChecks;
  readonly idle?: readonly IdleConnections[];
  readonly flood?: FloodFigures;
  readonly quotas?: readonly QuotaFigures[];
}

/** As `--only` names them. */
export const SECURITY_PARTS = [
  'security tls',
  'security metrics',
  'security acls',
  'security idle',
  'security flood',
  'security quotas',
] as const;

interface SecurityPlan {
  readonly tls: { readonly megabytes: number; readonly rounds: number };
  readonly metrics: { readonly megabytes: number; readonly requests: number; readonly rounds: number };
  readonly connections: number;
  readonly flood: { readonly rounds: number; readonly seconds: number; readonly warmupSeconds: number };
  readonly quotasMs: number;
}

const FULL: SecurityPlan = {
  tls: { megabytes: 1_000, rounds: 5 },
  metrics: { megabytes: 1_000, requests: 80_000, rounds: 24 },
  connections: 10_000,
  flood: { rounds: 3, seconds: 8, warmupSeconds: 3 },
  quotasMs: 31_000,
};
const QUICK: SecurityPlan = {
  tls: { megabytes: 200, rounds: 1 },
  metrics: { megabytes: 400, requests: 20_000, rounds: 1 },
  connections: 1_000,
  flood: { rounds: 1, seconds: 4, warmupSeconds: 2 },
  quotasMs: 11_000,
};

export interface SecurityTools extends LoneTools {
  readonly drivers: Drivers;
  readonly isQuick: boolean;
  /** Whether the part of this name was asked for. */
  readonly wants: (part: (typeof SECURITY_PARTS)[number]) => boolean;
  readonly say: (line: string) => void;
}

/** Those of the loads over TLS stand with those of the others. */
export async function securityFigures(
  contenders: readonly LoneContender[],
  scratch: string,
  tools: SecurityTools,
): Promise<{ readonly figures: SecurityFigures; readonly loads: readonly BestOf[] }> {
  const plan = tools.isQuick ? QUICK : FULL;
  /** Of this build. */
  const own = { ...tools, cli: undefined };
  const part = async <T>(name: (typeof SECURITY_PARTS)[number], measure: () => Promise<T>): Promise<T | undefined> => {
    if (!tools.wants(name)) return undefined;
    tools.say(name);
    return measure();
  };
  const loads = await part('security tls', () => tlsLoads(contenders, scratch, tools, plan.tls));
  const isOursIn = contenders.includes('ottla');
  const ours = async <T>(name: (typeof SECURITY_PARTS)[number], measure: () => Promise<T>): Promise<T | undefined> =>
    isOursIn ? part(name, measure) : undefined;
  const metrics = await ours('security metrics', () => metricsCost(scratch, own, plan.metrics));
  const acls = await ours('security acls', () => Promise.resolve(aclChecks()));
  const idle = await ours('security idle', () => idleConnections(scratch, own, plan.connections));
  const flood = await ours('security flood', () => floodFigures(scratch, own, plan.flood));
  const quotas = await part('security quotas', async () => {
    const found: QuotaFigures[] = [];
    for (const contender of contenders.filter((name) => name !== 'before')) {
      const figures = await quotaFigures(contender, scratch, { ...own, measuredMs: plan.quotasMs });
      if (typeof figures === 'string') tools.say(`${contender}: left out, ${figures}`);
      else found.push(figures);
    }
    return found;
  });
  const figures = {
    ...(metrics !== undefined && { metrics }),
    ...(acls !== undefined && { acls }),
    ...(idle !== undefined && { idle }),
    ...(flood !== undefined && { flood }),
    ...(quotas !== undefined && { quotas }),
  };
  return { figures, loads: loads ?? [] };
}
