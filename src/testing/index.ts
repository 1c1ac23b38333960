// Requests watched, refused, delayed, remembered, as whoever embeds a broker sees them: types alone, which stand in the
// package's declarations. The stage itself is in stage/; what is behind it is loaded when somebody asks for it.
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
