// The families of the page as OpenTelemetry has them: an ExportMetricsServiceRequest of OTLP 1.x in its JSON form
// (opentelemetry-proto: metrics.proto). Totals are cumulative; times are strings of nanoseconds.
import type { Family, Sample } from '../family.ts';

export interface OtlpResource {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly version: string;
  /** When counting began, milliseconds since the epoch. */
  readonly startMs: number;
}

type Attribute = { readonly key: string; readonly value: { readonly stringValue: string } };
/** The samples of a histogram or summary that have the same labels, but for `le` or `quantile`. */
interface Group {
  readonly attributes: readonly Attribute[];
  readonly steps: [edge: number, value: number][];
  count: number;
  sum: number;
}

const CUMULATIVE = 2;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const STEP_LABELS: ReadonlySet<string> = new Set(['le', 'quantile']);

/** Families in which nothing is told are left out, as are values that JSON has no words for. */
export function otlpMetrics(families: Iterable<Family>, resource: OtlpResource, nowMs: number): object {
  const at = { startTimeUnixNano: nanos(resource.startMs), timeUnixNano: nanos(nowMs) };
  const metrics: object[] = [];
  for (const family of families) {
    const data = dataOf(family, at);
    if (data !== undefined) metrics.push({ name: family.name, description: family.help, ...data });
  }
  return {
    resourceMetrics: [
      {
        resource: {
          attributes: [
            attribute('service.name', 'ottla'),
            attribute('service.version', resource.version),
            attribute('service.instance.id', String(resource.nodeId)),
            attribute('messaging.kafka.cluster.id', resource.clusterId),
          ],
        },
        scopeMetrics: [{ scope: { name: 'ottla', version: resource.version }, metrics }],
      },
    ],
  };
}

const attribute = (key: string, stringValue: string): Attribute => ({ key, value: { stringValue } });
/** Beyond what a number can hold exactly. */
const nanos = (ms: number): string => `${Math.floor(ms)}000000`;

type Times = { readonly startTimeUnixNano: string; readonly timeUnixNano: string };

function dataOf({ type, samples }: Family, at: Times): object | undefined {
  if (type === 'counter' || type === 'gauge') {
    const dataPoints = Array.from(samples, ({ labels, value }) => ({
      ...at,
      attributes: attributesOf(labels),
      asDouble: value,
    }));
    const told = dataPoints.filter(({ asDouble }) => Number.isFinite(asDouble));
    if (told.length === 0) return undefined;
    if (type === 'gauge') return { gauge: { dataPoints: told } };
    return { sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints: told } };
  }
  const groups = grouped(samples);
  if (groups.length === 0) return undefined;
  if (type === 'summary') return { summary: { dataPoints: groups.map((group) => summaryPoint(group, at)) } };
  const dataPoints = groups.map((group) => histogramPoint(group, at));
  return { histogram: { aggregationTemporality: CUMULATIVE, dataPoints } };
}

function attributesOf(labels: string): Attribute[] {
  return Array.from(labels.matchAll(LABEL), ([, key = '', value = '']) => attribute(key, unescaped(value)));
}

const unescaped = (text: string): string =>
  text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));

function grouped(samples: Iterable<Sample>): Group[] {
  const groups = new Map<string, Group>();
  for (const { suffix, labels, value } of samples) {
    const all = attributesOf(labels);
    const attributes = all.filter(({ key }) => !STEP_LABELS.has(key));
    const id = JSON.stringify(attributes);
    let group = groups.get(id);
    if (group === undefined) groups.set(id, (group = { attributes, steps: [], count: 0, sum: 0 }));
    const step = all.find(({ key }) => STEP_LABELS.has(key))?.value.stringValue;
    if (suffix === '_count') group.count = value;
    else if (suffix === '_sum') group.sum = value;
    else if (step !== undefined) group.steps.push([step === '+Inf' ? Infinity : Number(step), value]);
  }
  return [...groups.values()];
}

function summaryPoint({ attributes, steps, count, sum }: Group, at: Times): object {
  const quantileValues = steps.map(([quantile, value]) => ({ quantile, value }));
  return { ...at, attributes, count: String(count), sum, quantileValues };
}

/** Buckets of Prometheus count all below their edge, those of OTLP what lies between two edges. */
function histogramPoint({ attributes, steps, count, sum }: Group, at: Times): object {
  const edges = steps.filter(([edge]) => edge !== Infinity);
  let below = 0;
  const bucketCounts = edges.map(([, value]) => {
    const here = value - below;
    below = value;
    return String(here);
  });
  return {
    ...at,
    attributes,
    count: String(count),
    sum,
    explicitBounds: edges.map(([edge]) => edge),
    bucketCounts: [...bucketCounts, String(count - below)],
  };
}
