// Requests by API, under the names of kafka.network:type=RequestMetrics; a histogram of our own beside them, which can be summed over
// brokers as quantiles cannot.
import { errorName } from '../../protocol/index.ts';
import type { Distribution } from '../distribution.ts';
import { counter, type Family, labels, type Sample, sample, withLabel } from '../family.ts';
import { ApiMeter, type RequestMeter } from '../request-meter.ts';
import type { Page } from '../sources.ts';

const PREFIX = 'kafka_network_requestmetrics_';
/** Those that the JMX exporter makes of Kafka's histograms, as it writes them. */
const QUANTILE_LABELS = ['0.50', '0.75', '0.95', '0.98', '0.99', '0.999'];
const QUANTILES = QUANTILE_LABELS.map(Number);
/** Microseconds: powers of four, from 64 us to 16.8 s. */
const EDGES = Array.from({ length: 10 }, (_, index) => 4 ** (index + 3));

type Row = readonly [string, ApiMeter];

const times: readonly (readonly [string, string, (meter: ApiMeter) => Distribution])[] = [
  ['totaltimems', 'Milliseconds from a request to its answer.', ({ total }) => total],
  ['localtimems', 'Milliseconds of work on the event loop.', ({ local }) => local],
  ['remotetimems', 'Milliseconds in which a request waited: for replicas, for records.', ({ remote }) => remote],
  ['throttletimems', 'Milliseconds for which quotas have muted the connection.', ({ throttle }) => throttle],
];

export function* requestFamilies(page: Page, { apis }: RequestMeter): Generator<Family> {
  const nowMs = page.clock.monotonicMs();
  const idle = new ApiMeter();
  const names = [...new Set([...page.apiNames(), 'FetchConsumer', 'FetchFollower', ...apis.keys()])].sort();
  const rows = names.map((request): Row => [labels({ request }), apis.get(request) ?? idle]);
  yield counter(`${PREFIX}requests`, 'Requests, by version of the API.', requestSamples(rows));
  yield counter(`${PREFIX}errors`, 'Errors in answers, NONE included.', errorSamples(rows));
  for (const [name, help, read] of times) {
    yield { name: PREFIX + name, type: 'summary', help, samples: summarySamples(rows, read, 1000, nowMs) };
  }
  yield {
    name: `${PREFIX}requestbytes`,
    type: 'summary',
    help: 'Bytes of requests.',
    samples: summarySamples(rows, ({ requestBytes }) => requestBytes, 1, nowMs),
  };
  yield {
    name: 'ottla_response_bytes',
    type: 'summary',
    help: 'Bytes of answers.',
    samples: summarySamples(rows, ({ responseBytes }) => responseBytes, 1, nowMs),
  };
  yield {
    name: 'ottla_request_duration_seconds',
    type: 'histogram',
    help: 'Seconds from a request to its answer.',
    samples: histogramSamples(rows),
  };
}

function* requestSamples(rows: readonly Row[]): Generator<Sample> {
  for (const [text, { requests }] of rows) {
    if (requests.length === 0) yield sample(0, withLabel(text, 'version', '0'));
    for (const [version, count] of requests.entries()) {
      if (count !== undefined) yield sample(count, withLabel(text, 'version', String(version)));
    }
  }
}

function* errorSamples(rows: readonly Row[]): Generator<Sample> {
  for (const [text, { errors }] of rows) {
    for (const [code, count] of errors) yield sample(count, withLabel(text, 'error', errorName(code)));
  }
}

/** APIs that nobody has asked for have a count, and no quantiles. */
function* summarySamples(
  rows: readonly Row[],
  read: (meter: ApiMeter) => Distribution,
  unit: number,
  nowMs: number,
): Generator<Sample> {
  for (const [text, meter] of rows) {
    const { count, sum } = read(meter);
    const values = count === 0 ? [] : read(meter).quantiles(QUANTILES, nowMs);
    for (const [index, value] of values.entries()) {
      yield sample(value / unit, withLabel(text, 'quantile', QUANTILE_LABELS[index] as string));
    }
    yield { suffix: '_sum', labels: text, value: sum / unit };
    yield { suffix: '_count', labels: text, value: count };
  }
}

function* histogramSamples(rows: readonly Row[]): Generator<Sample> {
  for (const [text, { total }] of rows) {
    if (total.count > 0) {
      for (const edge of EDGES) {
        yield { suffix: '_bucket', labels: withLabel(text, 'le', String(edge / 1e6)), value: total.below(edge) };
      }
    }
    yield { suffix: '_bucket', labels: withLabel(text, 'le', '+Inf'), value: total.count };
    yield { suffix: '_sum', labels: text, value: total.sum / 1e6 };
    yield { suffix: '_count', labels: text, value: total.count };
  }
}
