// A metric as it is exposed: families of samples, their labels, and how they are written in the two text formats: Prometheus 0.0.4
// and OpenMetrics 1.0.

export type FamilyType = 'counter' | 'gauge' | 'histogram' | 'summary';

export interface Sample {
  /** What comes behind the name of the family: `_bucket`, `_count`, `_sum`; that of a counter is added where it is written. */
  readonly suffix: string;
  /** As `labels` writes them. */
  readonly labels: string;
  readonly value: number;
}

export interface Family {
  /** Of a counter without its `_total`. */
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  /** Made while they are written: the families of partitions are long. */
  readonly samples: Iterable<Sample>;
}

export type TextFormat = 'prometheus' | 'openmetrics';

export const contentTypes: Readonly<Record<TextFormat, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** So many samples are written in a turn of the event loop: a few milliseconds of it at most. */
const SAMPLES_PER_TURN = 1000;

/** The format that a client wants, by its header `Accept`. */
export function formatFor(accept: string): TextFormat {
  return accept.includes('application/openmetrics-text') ? 'openmetrics' : 'prometheus';
}

/** `{topic="orders",partition="0"}`; '' without any. Values may hold anything. */
export function labels(pairs: Readonly<Record<string, string | number>>): string {
  let text = '';
  for (const [name, value] of Object.entries(pairs))
    text += `${text === '' ? '' : ','}${name}="${escapedValue(value)}"`;
  return text === '' ? '' : `{${text}}`;
}

/** The same and one more. */
export function withLabel(rest: string, name: string, value: string): string {
  return rest === '' ? `{${name}="${value}"}` : `${rest.slice(0, -1)},${name}="${value}"}`;
}

export function counter(name: string, help: string, samples: Iterable<Sample>): Family {
  return { name, type: 'counter', help, samples };
}

export function gauge(name: string, help: string, samples: Iterable<Sample>): Family {
  return { name, type: 'gauge', help, samples };
}

export function sample(value: number, labelText = ''): Sample {
  return { suffix: '', labels: labelText, value };
}

export function one(value: number): readonly Sample[] {
  return [sample(value)];
}

/** The whole page in pieces. `pause` lets others have their turn. */
export async function* exposition(
  families: Iterable<Family>,
  format: TextFormat,
  pause: () => Promise<void>,
): AsyncGenerator<string> {
  let text = '';
  let count = 0;
  for (const family of families) {
    const isCounter = family.type === 'counter';
    const told = isCounter && format === 'prometheus' ? `${family.name}_total` : family.name;
    text += `# HELP ${told} ${escapedHelp(family.help, format)}\n# TYPE ${told} ${family.type}\n`;
    for (const { suffix, labels: labelText, value } of family.samples) {
      text += `${family.name}${isCounter ? '_total' : suffix}${labelText} ${written(value)}\n`;
      count += 1;
      if (count % SAMPLES_PER_TURN !== 0) continue;
      yield text;
      text = '';
      await pause();
    }
  }
  yield format === 'openmetrics' ? `${text}# EOF\n` : text;
}

function escapedValue(value: string | number): string {
  if (typeof value === 'number') return String(value);
  return /[\\"\n]/.test(value) ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n') : value;
}

function escapedHelp(help: string, format: TextFormat): string {
  const text = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return format === 'openmetrics' ? text.replaceAll('"', '\\"') : text;
}

function written(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
