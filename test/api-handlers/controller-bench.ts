// The controller's own decisions over a metadata image, committed at once: no Raft, no log, no waiting. With it stand the
// broker's configs, which follow the image.
import type { ControllerChannel } from '../../src/api-handlers/index.ts';
import { brokerConfig } from '../../src/broker/configs/config.ts';
import { BrokerConfigDescriber } from '../../src/broker/configs/config-describer.ts';
import { configPolicy } from '../../src/broker/configs/config-policy.ts';
import { ConfigValidators } from '../../src/broker/configs/config-validators.ts';
import { BrokerConfigs } from '../../src/broker/configs/dynamic-config.ts';
import { undeclaredKeys } from '../../src/broker/configs/kafka-keys.ts';
import { LoggerLevels } from '../../src/broker/configs/logger-levels.ts';
import { LocalControllerChannel } from '../../src/broker/node/controller-channel.ts';
import { unregisterBroker } from '../../src/kraft/controller/cluster/broker-removal.ts';
import { createAcls, deleteAcls } from '../../src/kraft/controller/access/acl-control.ts';
import { alterClientQuotas } from '../../src/kraft/controller/access/quota-control.ts';
import { alterConfigs, incrementalAlterConfigs } from '../../src/kraft/controller/configs/configs-control.ts';
import type { ControllerOperations } from '../../src/kraft/controller/index.ts';
import { electLeaders } from '../../src/kraft/controller/topics/election-control.ts';
import { updateFeatures } from '../../src/kraft/controller/cluster/features-control.ts';
import type { ControllerState, Outcome } from '../../src/kraft/controller/operation.ts';
import { createPartitions } from '../../src/kraft/controller/topics/partition-growth.ts';
import { PartitionIndex } from '../../src/kraft/controller/placement/partition-index.ts';
import {
  alterPartitionReassignments,
  listPartitionReassignments,
} from '../../src/kraft/controller/topics/reassignment-control.ts';
import { deleteTopics } from '../../src/kraft/controller/topics/topic-deletion.ts';
import { createTopics, type TopicCreation } from '../../src/kraft/controller/topics/topic-creation.ts';
import { logConfig } from '../../src/log/index.ts';
import { replicationConfig } from '../../src/replication/index.ts';
import { type ConfigKey, silentLogger } from '../../src/runtime/index.ts';
import { SeededRandom } from '../../src/runtime/sim/index.ts';
import { MetadataBench, NODE_ID } from './metadata-bench.ts';

function allKeys(): ReadonlyMap<string, ConfigKey> {
  const declared: ConfigKey[] = [brokerConfig, logConfig, replicationConfig].flatMap((room) => Object.values(room));
  return new Map(
    [...declared, ...undeclaredKeys(new Set(declared.map(({ name }) => name)))].map((key) => [key.name, key]),
  );
}

export class ControllerBench extends MetadataBench implements ControllerChannel {
  readonly configs: BrokerConfigs;
  readonly loggers = new LoggerLevels();
  readonly describer: BrokerConfigDescriber;
  readonly validators: ConfigValidators;
  readonly #random = new SeededRandom(3);
  readonly #creation: TopicCreation;

  constructor(entries: ReadonlyMap<string, string> = new Map()) {
    super();
    this.configs = new BrokerConfigs({ nodeId: NODE_ID, keys: allKeys(), entries, logger: silentLogger });
    this.describer = new BrokerConfigDescriber(this.configs, () => this.image, this.loggers);
    this.validators = new ConfigValidators(this.configs, () => this.image, this.loggers);
    const defaults = { partitions: 1, replicationFactor: 1 };
    this.#creation = { random: this.#random, policy: this.#policy, defaults };
    this.configs.load(this.image);
  }

  get #policy() {
    return configPolicy(this.configs, this.validators, this.describer);
  }

  get #state(): ControllerState {
    return { image: this.image, partitions: new PartitionIndex(this.image) };
  }

  async #commit<R>(decide: () => Outcome<R>): Promise<R> {
    const outcome = decide();
    const records = [...outcome.records];
    const { response } = outcome;
    if (records.length > 0) this.configs.publish(this.replay(records), this.image);
    return response;
  }

  override setConfig(resourceType: number, resourceName: string, name: string, value: string | null) {
    const delta = super.setConfig(resourceType, resourceName, name, value);
    this.configs.publish(delta, this.image);
    return delta;
  }

  readonly #operations: ControllerOperations = {
    createTopics: (request) => this.#commit(() => createTopics(this.image, request, this.#creation)),
    deleteTopics: (request) => this.#commit(() => deleteTopics(this.image, request)),
    createPartitions: (request) => this.#commit(() => createPartitions(this.image, request, this.#random)),
    createAcls: (request) => this.#commit(() => createAcls(this.image, request, this.#random)),
    deleteAcls: (request) => this.#commit(() => deleteAcls(this.image, request)),
    alterClientQuotas: (request) => this.#commit(() => alterClientQuotas(this.image, request)),
    alterConfigs: (request) => this.#commit(() => alterConfigs(this.image, request, this.#policy)),
    incrementalAlterConfigs: (request) =>
      this.#commit(() => incrementalAlterConfigs(this.image, request, this.#policy)),
    electLeaders: (request) => this.#commit(() => electLeaders(this.image, this.#policy, request)),
    alterPartitionReassignments: (request) =>
      this.#commit(() => alterPartitionReassignments(this.image, this.#policy, request)),
    listPartitionReassignments: (request) => this.#commit(() => listPartitionReassignments(this.#state, request)),
    updateFeatures: (request, { apiVersion }) =>
      this.#commit(() =>
        updateFeatures(this.image, this.#policy, request, { nodeId: NODE_ID, apiVersion, kraftVersion: 1 }),
      ),
    unregisterBroker: (request) => this.#commit(() => unregisterBroker(this.#state, this.#policy, request)),
    alterPartitions: notHere,
    registerBroker: notHere,
    brokerHeartbeat: notHere,
    allocateProducerIds: notHere,
    registerController: notHere,
    assignReplicasToDirs: notHere,
    credentials: {
      alterUserScramCredentials: notHere,
      createDelegationToken: notHere,
      renewDelegationToken: notHere,
      expireDelegationToken: notHere,
    },
  };
  readonly #channel = new LocalControllerChannel(this.#operations);

  readonly send: ControllerChannel['send'] = (api, request) => this.#channel.send(api, request);
  readonly forward: ControllerChannel['forward'] = (api, request, context) =>
    this.#channel.forward(api, request, context);
}

/** The broker behind this bench is registered from the beginning. */
async function notHere(): Promise<never> {
  throw new Error('no handler asks for this');
}
