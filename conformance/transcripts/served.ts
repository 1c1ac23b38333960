// ApiVersions is compared for what the broker under test serves: recorded keys and features that it does not have are
// taken out of the expectation first. What it does have must be equal.
import type { Line } from './line.ts';
import { servedTo, type TargetFacts } from './skips.ts';
import type { Body } from './wire.ts';

const API_VERSIONS = 18;
interface Feature {
  readonly name: string;
}

/** The recorded body, reduced to what `answer`'s broker serves. */
export function onlyServed(line: Line, key: number, recorded: Body, answer: Body, facts: TargetFacts): Body {
  if (key !== API_VERSIONS || facts.isForeign) return recorded;
  const served = servedTo(line, facts);
  const apiKeys = (recorded['apiKeys'] as { apiKey: number }[]).filter(({ apiKey }) => served.has(apiKey));
  return {
    ...recorded,
    apiKeys,
    supportedFeatures: sharedFeatures(recorded['supportedFeatures'], answer['supportedFeatures'], 'maxVersion'),
    finalizedFeatures: sharedFeatures(recorded['finalizedFeatures'], answer['finalizedFeatures'], 'maxVersionLevel'),
  };
}

/** Features that the answer has too; where its level is lower, that level is what is expected of it. */
function sharedFeatures(recorded: unknown, answered: unknown, level: 'maxVersion' | 'maxVersionLevel'): unknown {
  const own = new Map((answered as Feature[]).map((feature) => [feature.name, feature as unknown as Body]));
  return (recorded as Feature[]).flatMap((feature) => {
    const mine = own.get(feature.name);
    if (mine === undefined) return [];
    const theirs = feature as unknown as Body;
    const isLower = Number(mine[level]) < Number(theirs[level]);
    return [isLower ? mine : theirs];
  });
}
