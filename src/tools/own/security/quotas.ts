// What `ottla quota` does.
import type { QuotaEntity, QuotaFilterComponent } from '../../../client/index.ts';
import type { Work } from '../command-frame.ts';
import { keyValues } from '../connection.ts';
import { Failure } from '../failure.ts';
import { tellOutcomes } from '../outcome-rows.ts';

interface NameOptions {
  readonly name?: readonly string[];
  readonly default?: readonly string[];
}

const TYPES = ['user', 'client-id', 'ip'];

function typeOf(text: string): string {
  if (TYPES.includes(text)) return text;
  throw new Failure(`${text} is none of ${TYPES.join(', ')}`);
}

/** null: the default of the type. */
function entityOf({ name = [], default: defaults = [] }: NameOptions): QuotaEntity {
  const named = Object.entries(keyValues('--name', name)).map(([type, one]) => [typeOf(type), one] as const);
  return Object.fromEntries([...named, ...defaults.map((type) => [typeOf(type), null] as const)]);
}

interface DescribeOptions extends NameOptions {
  readonly any?: readonly string[];
  readonly strict?: boolean;
}

export const describeQuotas: Work<DescribeOptions> = async (context, _, options) => {
  const components: QuotaFilterComponent[] = [
    ...Object.entries(entityOf(options)).map(([type, match]) => ({ type, match })),
    ...(options.any ?? []).map((type) => ({ type: typeOf(type) })),
  ];
  const admin = await context.admin();
  const asked = { components, strict: options.strict ?? false };
  const found = (await admin.describeClientQuotas(asked, context.call)).map(({ entity, quotas }) => ({
    entity,
    // Brokers tell them in orders of their own.
    quotas: Object.fromEntries(Object.entries(quotas).sort(([a], [b]) => (a < b ? -1 : 1))),
  }));
  if (!context.output.isText) {
    context.output.data(found);
    return;
  }
  for (const { entity, quotas } of found) {
    const values = Object.entries(quotas).map(([key, value]) => `  ${key}=${value}\n`);
    context.output.text(`${entityText(entity)}\n${values.join('')}`);
  }
};

const entityText = (entity: QuotaEntity): string =>
  Object.entries(entity)
    .map(([type, name]) => `${type}=${name ?? '<default>'}`)
    .join(', ');

interface AlterOptions extends NameOptions {
  readonly add?: readonly string[];
  readonly delete?: readonly string[];
  readonly dry?: boolean;
}

export const alterQuotas: Work<AlterOptions> = async (context, _, options) => {
  const entity = entityOf(options);
  if (Object.keys(entity).length === 0) throw new Failure('say of whom: --name user=alice, or --default user');
  const added = Object.entries(keyValues('--add', options.add ?? [])).map(([key, value]) => {
    const number = Number(value);
    if (value === '' || Number.isNaN(number)) throw new Failure(`--add ${key}=${value}: a quota is a number`);
    return [key, number] as const;
  });
  const deleted = (options.delete ?? []).map((key) => [key, null] as const);
  if (added.length + deleted.length === 0) throw new Failure('nothing is to be changed: give --add or --delete');
  const changes = Object.fromEntries([...added, ...deleted]);
  const admin = await context.admin();
  const outcomes = await admin.alterClientQuotas([{ entity, changes }], {
    ...context.call,
    validateOnly: options.dry ?? false,
  });
  return tellOutcomes(
    context.output,
    'entity',
    outcomes.map((one) => [entityText(one.entity), one.result] as const),
  );
};
