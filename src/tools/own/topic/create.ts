import { keyValues } from '../connection.ts';
import type { Work } from '../command-frame.ts';
import { tellOutcomes } from '../outcome-rows.ts';

interface CreateOptions {
  readonly partitions: number;
  readonly replicas: number;
  readonly topicConfig?: readonly string[];
  readonly dry?: boolean;
  readonly ifNotExists?: boolean;
}

export const createTopics: Work<CreateOptions> = async (context, names, options) => {
  const configs = keyValues('--topic-config', options.topicConfig ?? []);
  const { partitions, replicas, dry = false } = options;
  const topics = names.map((name) => ({
    name,
    ...(partitions !== -1 && { partitions }),
    ...(replicas !== -1 && { replicationFactor: replicas }),
    configs,
  }));
  const admin = await context.admin();
  const outcomes = await admin.createTopics(topics, { ...context.call, validateOnly: dry });
  const isThere = (outcome: unknown): boolean =>
    options.ifNotExists === true && (outcome as { code?: string } | undefined)?.code === 'TOPIC_ALREADY_EXISTS';
  return tellOutcomes(
    context.output,
    'topic',
    [...outcomes].map(([name, outcome]) => [name, isThere(outcome) ? undefined : outcome] as const),
  );
};
