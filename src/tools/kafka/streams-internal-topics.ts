// Topics that Kafka Streams has made for itself, by their names: changelogs, and what goes between its subtopologies.

const ENDS = ['-changelog', '-repartition', '-subscription-registration-topic', '-subscription-response-topic'];
const OF_FOREIGN_KEY_JOINS = [
  /^.+-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-\d+-topic$/,
  /^.+-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-\d+-topic$/,
];

/** Whether `topic` is likely to be one of the application's own. */
export function isInternalTopic(topic: string, applicationId: string): boolean {
  if (!topic.startsWith(`${applicationId}-`)) return false;
  return ENDS.some((end) => topic.endsWith(end)) || OF_FOREIGN_KEY_JOINS.some((pattern) => pattern.test(topic));
}
