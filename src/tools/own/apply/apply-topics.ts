// What `ottla apply` does.
import type { CommandContext, Work } from '../command-frame.ts';
import { confirmed } from '../confirm.ts';
import { readGiven } from '../connection.ts';
import { Failure } from '../failure.ts';
import { answered, failureOf, isFailed } from '../outcome-rows.ts';
import { describedTopics, summaryOf } from '../topic/list.ts';
import { planOf, type PresentTopic, type Step, stepText } from './plan.ts';
import { topicsOf } from './topics-file.ts';

interface ApplyOptions {
  readonly file: string;
  readonly check?: boolean;
  readonly delete?: boolean;
  readonly confirm: boolean;
}

const DRIFT = 2;

export const applyTopics: Work<ApplyOptions> = async (context, _, options) => {
  const wanted = topicsOf(await textOf(context, options.file), options.file);
  const steps = planOf(wanted, await presentTopics(context), { deletesOthers: options.delete === true });
  const { output } = context;
  if (output.isText)
    output.text(steps.length === 0 ? 'Nothing differs.\n' : steps.map((step) => `${stepText(step)}\n`).join(''));
  else output.data(steps);
  if (steps.length === 0) return 0;
  if (options.check === true) return DRIFT;
  const doable = steps.filter(({ kind }) => kind !== 'impossible');
  if (doable.length > 0 && options.confirm && !(await confirmed(context, `Do these ${doable.length}?`))) {
    throw new Failure('nothing was done');
  }
  for (const step of doable) await carryOut(context, step);
  if (output.isText && doable.length > 0) output.text(`${doable.length} done.\n`);
  return doable.length < steps.length ? DRIFT : 0;
};

async function textOf({ io }: CommandContext, path: string): Promise<string> {
  if (path !== '-') return new TextDecoder().decode(readGiven(io, path, '--file'));
  const chunks: Uint8Array[] = [];
  for await (const chunk of io.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function presentTopics(context: CommandContext): Promise<PresentTopic[]> {
  const topics = await describedTopics(context, [], { isRegex: false });
  const admin = await context.admin();
  const asked = topics.map(({ name }) => ({ type: 'TOPIC' as const, name }));
  const configs = asked.length === 0 ? [] : await admin.describeConfigs(asked, context.call);
  return topics.map((topic, at) => {
    const entries = answered(configs[at]?.result, `configs of ${topic.name}`);
    const of = (isOwn: boolean): Record<string, string> =>
      Object.fromEntries(
        entries
          .filter(({ source }) => (source === 'DYNAMIC_TOPIC_CONFIG') === isOwn)
          .map(({ name, value }) => [name, value ?? '']),
      );
    return { ...summaryOf(topic), configs: of(true), defaults: of(false) };
  });
}

/** Rejects with Failure that names the step. */
async function carryOut(context: CommandContext, step: Step): Promise<void> {
  const outcome = await outcomeOf(context, step);
  if (isFailed(outcome)) throw new Failure(`${stepText(step)}: ${failureOf(outcome)}`);
}

async function outcomeOf(context: CommandContext, step: Step): Promise<unknown> {
  const admin = await context.admin();
  switch (step.kind) {
    case 'create': {
      const { name, partitions, replicas, configs } = step.topic;
      const counts = {
        ...(partitions !== undefined && { partitions }),
        ...(replicas !== undefined && { replicationFactor: replicas }),
      };
      return (await admin.createTopics([{ name, configs, ...counts }], context.call)).get(name);
    }
    case 'delete':
      return (await admin.deleteTopics([step.name], context.call)).get(step.name);
    case 'partitions':
      return (await admin.createPartitions({ [step.name]: { totalCount: step.to } }, context.call)).get(step.name);
    case 'set':
    case 'unset': {
      const change =
        step.kind === 'set' ? { operation: 'SET' as const, value: step.to } : { operation: 'DELETE' as const };
      const changed = [{ type: 'TOPIC' as const, name: step.name, changes: [{ name: step.key, ...change }] }];
      return (await admin.incrementalAlterConfigs(changed, context.call))[0]?.result;
    }
    case 'impossible':
      return undefined;
  }
}
