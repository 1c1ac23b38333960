// What has to be done so that topics are as a file says. Pure: what is wanted and what is there go in, steps come out.

export interface WantedTopic {
  readonly name: string;
  readonly partitions: number | undefined;
  readonly replicas: number | undefined;
  readonly configs: Readonly<Record<string, string>>;
}

export interface PresentTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  /** Those that were set for this topic; and what holds where none was. */
  readonly configs: Readonly<Record<string, string>>;
  readonly defaults: Readonly<Record<string, string>>;
}

export type Step =
  | { readonly kind: 'create'; readonly topic: WantedTopic }
  | { readonly kind: 'delete'; readonly name: string }
  | { readonly kind: 'partitions'; readonly name: string; readonly from: number; readonly to: number }
  | {
      readonly kind: 'set';
      readonly name: string;
      readonly key: string;
      readonly from: string | undefined;
      readonly to: string;
    }
  | { readonly kind: 'unset'; readonly name: string; readonly key: string; readonly from: string }
  /** What no request can do. */
  | { readonly kind: 'impossible'; readonly name: string; readonly why: string };

export interface PlanOptions {
  /** Topics that the file does not name are deleted. */
  readonly deletesOthers: boolean;
}

/** In the order of the names; deletions last. */
export function planOf(
  wanted: readonly WantedTopic[],
  present: readonly PresentTopic[],
  { deletesOthers }: PlanOptions,
): Step[] {
  const there = new Map(present.map((topic) => [topic.name, topic]));
  const names = new Set(wanted.map(({ name }) => name));
  const sorted = wanted.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const steps = sorted.flatMap((topic) => {
    const now = there.get(topic.name);
    return now === undefined ? [{ kind: 'create', topic } as const] : changesOf(topic, now);
  });
  if (!deletesOthers) return steps;
  const others = [...there.keys()].filter((name) => !names.has(name)).sort();
  return [...steps, ...others.map((name) => ({ kind: 'delete', name }) as const)];
}

function changesOf(wanted: WantedTopic, now: PresentTopic): Step[] {
  const { name, partitions = now.partitions, replicas = now.replicas, configs } = wanted;
  const steps: Step[] = [];
  if (partitions > now.partitions) steps.push({ kind: 'partitions', name, from: now.partitions, to: partitions });
  if (partitions < now.partitions) {
    steps.push({
      kind: 'impossible',
      name,
      why: `it has ${now.partitions} partitions, and ${partitions} are wanted: partitions cannot be taken away`,
    });
  }
  if (replicas !== now.replicas) {
    steps.push({
      kind: 'impossible',
      name,
      why: `it has ${now.replicas} replicas, and ${replicas} are wanted: kafka-reassign-partitions changes that`,
    });
  }
  for (const key of Object.keys(configs).sort()) {
    const to = configs[key] as string;
    const from = now.configs[key];
    // The default said aloud is no difference.
    if (from !== to && (from ?? now.defaults[key]) !== to) steps.push({ kind: 'set', name, key, from, to });
  }
  for (const key of Object.keys(now.configs).sort()) {
    if (!(key in configs)) steps.push({ kind: 'unset', name, key, from: now.configs[key] as string });
  }
  return steps;
}

/** As a diff: + for what comes, - for what goes, ~ for what changes, ! for what cannot. */
export function stepText(step: Step): string {
  switch (step.kind) {
    case 'create': {
      const { name, partitions, replicas, configs } = step.topic;
      const counts = `partitions=${partitions ?? 'default'} replicas=${replicas ?? 'default'}`;
      return [`+ ${name}`, counts, ...Object.entries(configs).map(([key, value]) => `${key}=${value}`)].join('  ');
    }
    case 'delete':
      return `- ${step.name}`;
    case 'partitions':
      return `~ ${step.name}  partitions: ${step.from} -> ${step.to}`;
    case 'set':
      return `~ ${step.name}  ${step.key}: ${step.from ?? '(default)'} -> ${step.to}`;
    case 'unset':
      return `~ ${step.name}  ${step.key}: ${step.from} -> (default)`;
    case 'impossible':
      return `! ${step.name}  ${step.why}`;
  }
}
