// The coordinators of this node. Another one is one more in the list.
import type { GroupCoordinator } from '../../group-coordinator/index.ts';
import type { MetadataPublisher } from '../../kraft/metadata/index.ts';
import type { ReplicaManager } from '../../replication/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import type { BrokerConfigs } from '../configs/dynamic-config.ts';
import { GroupNode } from './group-node.ts';

export interface CoordinatorsOptions {
  readonly runtime: Runtime;
  readonly nodeId: number;
  readonly configs: BrokerConfigs;
  readonly replicas: ReplicaManager;
}

export class Coordinators {
  readonly #groups: GroupNode;
  readonly #all: readonly GroupNode[];

  constructor({ runtime, nodeId, configs, replicas }: CoordinatorsOptions) {
    this.#groups = new GroupNode({
      nodeId,
      logger: runtime.logger.child('group-coordinator'),
      make: async () => (await import('./group-coordinator-setup.ts')).groupCoordinatorOf(runtime, configs, replicas),
    });
    this.#all = [this.#groups];
  }

  /** They follow the metadata. */
  get publishers(): readonly MetadataPublisher[] {
    return this.#all;
  }

  /** Made when it is first asked for; always the same one. */
  groups(): Promise<GroupCoordinator> {
    return this.#groups.coordinator();
  }

  /** Requests are answered: from now on there is time for what can wait. */
  serve(): void {
    for (const one of this.#all) one.serve();
  }

  close(): void {
    for (const one of this.#all) one.close();
  }
}
