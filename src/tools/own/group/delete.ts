import type { Work } from '../command-frame.ts';
import { Failure } from '../failure.ts';
import { tellOutcomes } from '../outcome-rows.ts';

export const deleteGroups: Work<object> = async (context, groups) => {
  const admin = await context.admin();
  return tellOutcomes(context.output, 'group', await admin.deleteConsumerGroups(groups, context.call));
};

/** `--topic foo`, `--topic foo:1,2`: of whole topics the partitions of which the group has committed something. */
export const deleteOffsets: Work<{ readonly topic: readonly string[] }> = async (context, [group = ''], options) => {
  const admin = await context.admin();
  const committed = (await admin.listConsumerGroupOffsets([group], context.call)).get(group);
  const known = committed === undefined || committed instanceof Error ? [] : committed;
  const places = options.topic.flatMap((text) => {
    const [topic, ids] = text.split(':') as [string, string?];
    if (ids === undefined)
      return known.filter((one) => one.topic === topic).map(({ partition }) => ({ topic, partition }));
    if (!/^\d+(,\d+)*$/.test(ids)) throw new Failure(`--topic ${text} is not TOPIC or TOPIC:PARTITION,PARTITION`);
    return ids.split(',').map((id) => ({ topic, partition: Number(id) }));
  });
  if (places.length === 0) throw new Failure(`${group} has committed nothing there`);
  const outcomes = await admin.deleteConsumerGroupOffsets(group, places, context.call);
  const rows = outcomes.map(({ topic, partition, result }) => [`${topic}-${partition}`, result] as const);
  return tellOutcomes(context.output, 'partition', rows);
};
