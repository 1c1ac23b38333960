// Configs of who may do what, and of how much of it is measured.
import { Produce } from '../../../../src/protocol/messages/00-produce.ts';
import { CreateTopics } from '../../../../src/protocol/messages/19-create-topics.ts';
import { DescribeLogDirs } from '../../../../src/protocol/messages/35-describe-log-dirs.ts';
import { AlterClientQuotas } from '../../../../src/protocol/messages/49-alter-client-quotas.ts';
import { buildBatch } from '../../../../src/protocol/records/index.ts';
import { STANDARD_AUTHORIZER } from '../../../../src/broker/configs/config.ts';
import type { Probes } from './probe.ts';
import type { ProbedBroker } from './probed-broker.ts';

async function limitUsers({ client }: ProbedBroker, key: string, value: number): Promise<void> {
  const entity = [{ entityType: 'user', entityName: null }];
  const entries = [{ entity, ops: [{ key, value, remove: false }] }];
  await client.ask(AlterClientQuotas, 1, { entries, validateOnly: false });
}

/** Whether the client is throttled that sends three times in one go what it may send in a second. */
async function isBurstThrottled(broker: ProbedBroker): Promise<boolean> {
  await broker.createTopic('t');
  await limitUsers(broker, 'producer_byte_rate', 1000);
  const partitionData = [{ index: 0, records: buildBatch([{ value: Buffer.alloc(3000) }], {}) }];
  const request = { transactionalId: null, acks: -1, timeoutMs: 1000, topicData: [{ name: 't', partitionData }] };
  const { throttleTimeMs } = await broker.client.ask(Produce, 9, request);
  return throttleTimeMs > 0;
}

/** Whether the client has to wait that makes five partitions at once and may make one a second. */
async function areMutationsThrottled(broker: ProbedBroker): Promise<boolean> {
  await limitUsers(broker, 'controller_mutation_rate', 1);
  const topic = { name: 't', numPartitions: 5, replicationFactor: 1, assignments: [], configs: [] };
  const request = { topics: [topic], timeoutMs: 5000, validateOnly: false };
  const { throttleTimeMs } = await broker.client.ask(CreateTopics, 5, request);
  return throttleTimeMs > 0;
}

export const accessProbes: Probes = {
  'authorizer.class.name': {
    values: ['', STANDARD_AUTHORIZER],
    sees: [0, 31],
    look: async ({ client }) => (await client.ask(DescribeLogDirs, 4, { topics: null })).errorCode,
  },
  'quota.window.num': { values: ['11', '2'], sees: [false, true], look: isBurstThrottled },
  'quota.window.size.seconds': {
    values: ['10', '1'],
    beside: { 'quota.window.num': '2' },
    sees: [false, true],
    look: isBurstThrottled,
  },
  'controller.quota.window.num': { values: ['11', '2'], sees: [false, true], look: areMutationsThrottled },
  'controller.quota.window.size.seconds': {
    values: ['10', '1'],
    beside: { 'controller.quota.window.num': '2' },
    sees: [false, true],
    look: areMutationsThrottled,
  },
};
