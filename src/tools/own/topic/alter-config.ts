// Configs of topics, brokers and groups, changed one key at a time.
import type { ConfigChange, ConfigResourceType } from '../../../client/index.ts';
import type { CommandContext, Work } from '../command-frame.ts';
import { keyValues } from '../connection.ts';
import { Failure } from '../failure.ts';
import { tellOutcomes } from '../outcome-rows.ts';

export interface AlterOptions {
  readonly set?: readonly string[];
  readonly delete?: readonly string[];
  readonly append?: readonly string[];
  readonly subtract?: readonly string[];
  readonly dry?: boolean;
}

export const alterTopicConfigs: Work<AlterOptions> = (context, names, options) =>
  alterConfigs(
    context,
    names.map((name) => ({ type: 'TOPIC', name })),
    options,
  );

export interface ChangedResource {
  readonly type: ConfigResourceType;
  readonly name: string;
}

/** The exit code. */
export async function alterConfigs(
  context: CommandContext,
  resources: readonly ChangedResource[],
  options: AlterOptions,
): Promise<number> {
  const changes = changesOf(options);
  if (changes.length === 0) throw new Failure('nothing is to be changed: give --set, --delete, --append or --subtract');
  const admin = await context.admin();
  const changed = resources.map((resource) => ({ ...resource, changes }));
  const outcomes = await admin.incrementalAlterConfigs(changed, {
    ...context.call,
    validateOnly: options.dry ?? false,
  });
  const kind = (resources[0]?.type ?? 'TOPIC').toLowerCase().replace('_', '-');
  return tellOutcomes(
    context.output,
    kind,
    outcomes.map(({ name, result }) => [name, result] as const),
  );
}

function changesOf({ set = [], append = [], subtract = [], delete: deleted = [] }: AlterOptions): ConfigChange[] {
  const change = (operation: ConfigChange['operation'], pairs: readonly string[]): ConfigChange[] =>
    Object.entries(keyValues(`--${operation.toLowerCase()}`, pairs)).map(([name, value]) => ({
      name,
      operation,
      value,
    }));
  return [
    ...change('SET', set),
    ...change('APPEND', append),
    ...change('SUBTRACT', subtract),
    ...deleted.map((name) => ({ name, operation: 'DELETE' as const })),
  ];
}
