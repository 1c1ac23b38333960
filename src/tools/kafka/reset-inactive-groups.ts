// --reset-offsets of kafka-consumer-groups and kafka-streams-groups: group by group, those with members refused; then what is planned or
// done, as a table or as CSV.
import { ClientError, type Outcomes } from '../../client/index.ts';
import { print, type ToolIo } from '../tool-io.ts';
import { printGroupError } from './group-errors.ts';
import { SCENARIO_OPTIONS, SCENARIOS, texts } from './group-options.ts';
import { hashOrderOfCopiedTexts } from './java-order.ts';
import type { NewOffset } from './offset-resets.ts';
import { type CommandOptions, listed } from './options/command-options.ts';
import type { Option } from './options/option.ts';
import { resetPlanText } from './reset-plan.ts';

export interface GroupResets {
  readonly described: Outcomes<string, { readonly state: string }>;
  /** How many groups were named on the command line. */
  readonly namedCount: number;
  /** Of one group; one that is missing may still be given offsets. */
  readonly reset: (id: string, isMissing: boolean) => Promise<readonly NewOffset[]>;
  readonly printTable: (io: ToolIo, resets: ReadonlyMap<string, readonly NewOffset[]>) => void;
}

/** Throws what the resets throw, and ClientError for a group that cannot be described. */
export async function resetInactiveGroups(
  io: ToolIo,
  options: CommandOptions,
  { described, namedCount, reset, printTable }: GroupResets,
): Promise<void> {
  const resets = new Map<string, readonly NewOffset[]>();
  for (const id of hashOrderOfCopiedTexts(described.keys())) {
    const group = described.get(id);
    const isMissing = group instanceof ClientError && group.code === 'GROUP_ID_NOT_FOUND';
    if (group instanceof ClientError && !isMissing) throw group;
    const state = group === undefined || group instanceof ClientError ? 'Dead' : group.state;
    if (state === 'Empty' || state === 'Dead') {
      resets.set(id, await reset(id, isMissing));
      continue;
    }
    const refusal = `Assignments can only be reset if the group '${id}' is inactive, but the current state is ${state}.`;
    printGroupError(io, refusal);
    resets.set(id, []);
  }
  if (options.has(SCENARIO_OPTIONS.export)) print(io, resetPlanText(resets, namedCount !== 1));
  else printTable(io, resets);
}

/** Where no scenario is given. Throws Exit with the usage. */
export function refuseWithoutScenario(options: CommandOptions, resetOffsets: Option): never {
  return options.usage(
    `Option '${listed(resetOffsets)}' requires one of the following scenarios: [${texts(SCENARIOS)}]`,
  );
}
