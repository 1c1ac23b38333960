// Requests watched, refused, delayed, remembered, as whoever embeds a broker sees them: types, which stand in the
// package's declarations, and the stage in which they stand. What is behind that is loaded when somebody asks for it.
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
