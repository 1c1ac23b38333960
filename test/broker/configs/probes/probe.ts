// How a config is seen to act: two values, and what whoever looks at the broker from outside sees with each of them.
import type { Config, ProbedBroker } from './probed-broker.ts';

export interface Probe {
  /** undefined: not set. */
  readonly values: readonly [string | undefined, string | undefined];
  /** What is seen with each; 'refused': the broker does not start. */
  readonly sees: readonly [unknown, unknown];
  readonly look: (broker: ProbedBroker) => unknown;
  /** What is set beside it. */
  readonly beside?: Config;
}

export type Probes = Readonly<Record<string, Probe>>;
