// Requests watched, refused, delayed, remembered: what tests want of a broker beyond Kafka.
export type { KafkaErrorName } from './bodies/error-names.ts';
export type { RequestBodies } from './bodies/index.ts';
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
} from './requests.ts';
export { TestingStage } from './testing-stage.ts';
