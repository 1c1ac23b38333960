// What the servers of a part of the protocol do not serve, by the names that checks begin with: these are skipped there, each with
// the reason. What they serve otherwise than Kafka stands here too, with how.

import type { Unserved } from '../clients/checks.ts';
import type { TargetName } from './target.ts';

const UNSERVED: Partial<Record<TargetName, readonly Unserved[]>> = {};

export const unservedBy = (target: TargetName): readonly Unserved[] => UNSERVED[target] ?? [];
