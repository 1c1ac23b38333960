import type { Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { tellOutcomes } from '../outcome-rows.ts';
import { describedTopics } from './list.ts';

interface AddOptions {
  readonly num: number;
  readonly force?: boolean;
  readonly dry?: boolean;
}

export const addPartitions: Work<AddOptions> = async (context, names, { num, force = false, dry = false }) => {
  const topics = await describedTopics(context, names, { isRegex: false });
  const internal = topics.find(({ isInternal }) => isInternal);
  if (internal !== undefined && !force) {
    const why =
      'groups and transactions find their partition by the number of partitions, and would lose what is in the others';
    throw new Failure(`${internal.name} is internal: ${why}. --force adds them all the same`);
  }
  const wanted = topics.map(({ name, partitions }) => [name, { totalCount: partitions.length + num }] as const);
  const admin = await context.admin();
  const outcomes = await admin.createPartitions(Object.fromEntries(wanted), { ...context.call, validateOnly: dry });
  return tellOutcomes(context.output, 'topic', outcomes);
};
