// Where a node tells of itself: keys of our own, named for what they open.
import { config } from '../../runtime/index.ts';

const { int, long, optionalString, password, string } = config;

export const metricsConfig = {
  metricsPort: int('metrics.port', -1)
    .atLeast(-1)
    .doc(
      'Port of /metrics, /health/live and /health/ready, over HTTP. 0 picks a free one; -1: none, and nothing is measured.',
    ),
  metricsHost: string('metrics.host', '127.0.0.1').doc(
    'The address that metrics.port is opened on. Whoever reaches it sees the names of topics and groups.',
  ),
  otlpEndpoint: optionalString('ottla.otlp.endpoint').doc(
    'The URL of an OpenTelemetry collector to which the metrics are sent, by OTLP over HTTP: http://collector:4318.',
  ),
  otlpIntervalMs: long('ottla.otlp.interval.ms', 60000)
    .atLeast(100)
    .doc('How often the metrics are sent to the collector.'),
  otlpHeaders: password('ottla.otlp.headers').doc(
    'Headers for the collector, as name=value, comma-separated: authorization=Bearer SECRET.',
  ),
  metricsMaxPartitions: int('ottla.metrics.max.partitions', 10000)
    .atLeast(0)
    .doc('Partitions, topics and committed offsets that have series of their own in the metrics.'),
} as const;
