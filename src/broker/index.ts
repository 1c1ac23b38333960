// The broker as its users see it.
export type { Broker, StartOptions, TopicOption } from './embedding.ts';
export { isKnownConfig, startBroker } from './start-broker.ts';
export { type Durability, type Profile, StartError } from './settings.ts';
export type { KafkaErrorName } from './interception/bodies/error-names.ts';
export type { RequestBodies } from './interception/bodies/index.ts';
export type {
  ApiName,
  BrokerRequest,
  HistoryOptions,
  PlannedFailure,
  RecordedRequest,
  RecordedRequestOf,
  RequestAnswer,
  RequestFilter,
  RequestHook,
  RequestMatch,
  RequestOf,
} from './interception/requests.ts';
