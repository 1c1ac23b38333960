// The part of the client that asks brokers: what producers and consumers are made of, without them.
import type { ClusterClient } from '../../client/index.ts';

export type Kernel = ReturnType<ClusterClient['apart']>;
