// Traffic by topic, under the names of kafka.server:type=BrokerTopicMetrics: one series for all topics, and one for each of them.
import { counter, type Family, labels, type Sample, sample } from '../family.ts';
import type { Page } from '../sources.ts';
import { TopicCounts, type TopicMeter } from '../topic-meter.ts';

const PREFIX = 'kafka_server_brokertopicmetrics_';

const counts: readonly (readonly [keyof TopicCounts, string, string])[] = [
  ['messagesIn', 'messagesin', 'Records that producers have written.'],
  ['bytesIn', 'bytesin', 'Bytes of records that producers have written.'],
  ['bytesOut', 'bytesout', 'Bytes of records that consumers have read.'],
  ['bytesRejected', 'bytesrejected', 'Bytes of records that were refused as too large.'],
  ['produceRequests', 'totalproducerequests', 'Partitions that producers have asked to write to.'],
  ['fetchRequests', 'totalfetchrequests', 'Partitions that consumers were answered for.'],
  ['failedProduceRequests', 'failedproducerequests', 'Partitions for which Produce has failed.'],
  ['failedFetchRequests', 'failedfetchrequests', 'Partitions for which a fetch has failed.'],
];

export function* topicFamilies(page: Page, meter: TopicMeter): Generator<Family> {
  meter.forgetDeleted();
  const { all } = meter;
  const nothing = new TopicCounts();
  const shown = topicsOf(page).map((topic) => ({ topic, text: labels({ topic }) }));
  for (const [field, name, help] of counts) {
    yield counter(PREFIX + name, help, samples(field));
  }
  yield counter(`${PREFIX}replicationbytesout`, 'Bytes of records that followers have fetched.', [
    sample(meter.replicationBytesOut),
  ]);

  function* samples(field: keyof TopicCounts): Generator<Sample> {
    yield sample(all[field]);
    for (const { topic, text } of shown) yield sample((meter.of(topic) ?? nothing)[field], text);
  }
}

/** Of the partitions that are shown. */
function topicsOf({ shown }: Page): string[] {
  return [...new Set(shown.map(({ partition }) => partition.topic))];
}
