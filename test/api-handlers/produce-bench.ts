// Produce on a broker of its own, asked for one partition at a time.
import { produce } from '../../src/api-handlers/00-produce.ts';
import { type DecodedResponseOf, ZERO_UUID } from '../../src/protocol/index.ts';
import type { Produce } from '../../src/protocol/messages/00-produce.ts';
import { batchOf, RecordPath } from './record-path.ts';

export type PartitionAnswer = DecodedResponseOf<typeof Produce>['responses'][number]['partitionResponses'][number];

export interface AskedToProduce {
  topic?: string;
  topicId?: string;
  index?: number;
  records?: Buffer | null;
  acks?: number;
  version?: number;
  timeoutMs?: number;
  transactionalId?: string | null;
  clientId?: string;
}

/** In an answer about a batch that was not appended. */
export const rejected = {
  baseOffset: -1,
  logAppendTimeMs: -1,
  recordErrors: [] as PartitionAnswer['recordErrors'],
  errorMessage: null as string | null,
};

export const requestOf = (asked: AskedToProduce) => ({
  transactionalId: asked.transactionalId ?? null,
  acks: asked.acks ?? -1,
  timeoutMs: asked.timeoutMs ?? 1000,
  topicData: [
    {
      name: asked.topic ?? 'prod',
      topicId: asked.topicId ?? ZERO_UUID,
      partitionData: [
        { index: asked.index ?? 0, records: asked.records === undefined ? batchOf(['v']) : asked.records },
      ],
    },
  ],
});

export interface ProduceBench {
  readonly path: RecordPath;
  readonly handler: ReturnType<typeof produce>;
  /** The answer for the one partition that was asked for. */
  readonly send: (asked: AskedToProduce) => Promise<PartitionAnswer>;
}

export async function openProduceBench(): Promise<ProduceBench> {
  const path = await RecordPath.open();
  const handler = produce(path.replicas, path.identity);
  const send = async (asked: AskedToProduce): Promise<PartitionAnswer> => {
    const response = await path.ask(handler, asked.version ?? 9, requestOf(asked), asked.clientId ?? 'test');
    return response.responses[0]?.partitionResponses[0] as PartitionAnswer;
  };
  return { path, handler, send };
}
