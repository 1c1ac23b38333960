// Connections and the event loop, under the names of kafka.network:type=SocketServer, kafka.server:type=socket-server-metrics and
// KafkaRequestHandlerPool. One loop does the work of Kafka's network processors and request handlers: both show how idle it is.
import { counter, type Family, gauge, labels, one, type Sample, sample } from '../family.ts';
import type { ListenerSource, Page } from '../sources.ts';

const SOCKETS = 'kafka_server_socket_server_metrics_';

const flows: readonly (readonly [keyof ListenerSource['traffic'], string, string])[] = [
  ['requests', 'request', 'Requests that have come in.'],
  ['responses', 'response', 'Answers that have gone out.'],
  ['bytesIn', 'incoming_byte', 'Bytes of requests.'],
  ['bytesOut', 'outgoing_byte', 'Bytes of answers.'],
];

export function* networkFamilies(page: Page): Generator<Family> {
  const idle = page.vitals.idle();
  const idleHelp = 'The part of the time that the event loop is idle, 0 to 1.';
  yield gauge('kafka_network_socketserver_networkprocessoravgidle_percent', idleHelp, one(idle));
  yield gauge('kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent', idleHelp, one(idle));
  const rows = page.listeners().map(({ name, connectionCount, traffic }) => {
    return { name, connectionCount, traffic, text: labels({ listener: name, networkProcessor: 0 }) };
  });
  yield gauge(
    `${SOCKETS}connection_count`,
    'Connections that there are.',
    rows.map(({ connectionCount, text }) => sample(connectionCount, text)),
  );
  yield counter(
    `${SOCKETS}connection_creation`,
    'Connections that have been taken.',
    rows.map(({ name, text }) => sample(page.counted.counter(`connection-creation,listener=${name}`).count, text)),
  );
  for (const [field, name, help] of flows) yield counter(SOCKETS + name, help, flowSamples(field));
  yield gauge(
    'kafka_network_requestchannel_requestqueuesize',
    'Requests that wait for a handler: there is no queue between.',
    one(0),
  );
  yield gauge(
    'ottla_network_request_bytes',
    'Memory of requests that wait or are in process.',
    one(page.requestBytes()),
  );
  yield gauge('ottla_network_unsent_bytes', 'Bytes of answers that clients have not taken.', one(page.unsentBytes()));

  function* flowSamples(field: keyof ListenerSource['traffic']): Generator<Sample> {
    for (const { traffic, text } of rows) yield sample(traffic[field], text);
  }
}
