// librdkafka's settings of consumers, for ours.
import type { ConsumerOptions } from '../../client/index.ts';
import type { CatContext } from './cat-context.ts';

export function consumerOptions(context: CatContext): ConsumerOptions {
  const isEarliest = /^(smallest|earliest|beginning)$/.test(context.property('auto.offset.reset') ?? '');
  const minBytes = context.numberProperty('fetch.min.bytes');
  const maxWaitMs = context.numberProperty('fetch.wait.max.ms');
  const maxBytes = context.numberProperty('fetch.max.bytes');
  const maxPartitionBytes = context.numberProperty('fetch.message.max.bytes', 'max.partition.fetch.bytes');
  const rack = context.property('client.rack');
  return {
    // librdkafka reads committed records unless it is told otherwise.
    isolation: context.property('isolation.level') === 'read_uncommitted' ? 'read_uncommitted' : 'read_committed',
    autoOffsetReset: isEarliest ? 'earliest' : 'latest',
    ...(minBytes !== undefined && { minBytes }),
    ...(maxWaitMs !== undefined && { maxWaitMs }),
    ...(maxBytes !== undefined && { maxBytes }),
    ...(maxPartitionBytes !== undefined && { maxPartitionBytes }),
    ...(rack !== undefined && { rack }),
  };
}
