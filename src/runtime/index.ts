// The world as interfaces. Rooms import their ports from here; only runtime/node touches the real ones.
export { assert, AssertionFailure, unreachable } from './assert.ts';
export { type Clock, delay, type Timer } from './clock.ts';
export { DURABILITIES, type Durability } from './durability.ts';
export { empty } from './empty.ts';
export type { Endpoint } from './endpoint.ts';
export {
  type Disk,
  DiskError,
  type DirectoryEntry,
  type DiskFile,
  type DiskLock,
  type LockWatch,
  type FileInfo,
  readTextSync,
  replaceFileSync,
} from './disk.ts';
export type { HttpAnswer, HttpRequest, HttpServer, ServeHttp } from './http.ts';
export type { HttpCall, HttpClient, HttpReply, HttpTls } from './http-client.ts';
export { type Logger, type LogFields, type LogLevel, silentLogger } from './logger.ts';
export { type Counter, type Gauge, Metrics } from './metrics.ts';
export {
  type ClientCertificate,
  type Connection,
  type ConnectionEvents,
  type ConnectTarget,
  type DialSignal,
  HANDSHAKE_TIMEOUT,
  type ListenAddress,
  type Listener,
  type Network,
  NOT_TLS,
  type ProxyOptions,
  type TlsClientOptions,
  TlsHandshakeError,
  type TlsPeer,
  type TlsServerOptions,
  type TlsSettings,
  type TlsVersion,
} from './network.ts';
export { type Random, randomInt } from './random.ts';
export {
  InvalidRegexError,
  loadedRegexEngine,
  loadRegexEngine,
  type Regex,
  type RegexEngine,
  type ReplacingRegex,
} from './regex.ts';
export type { ReadUrl } from './read-url.ts';
export type { Rare } from './rare.ts';
export type { Runtime } from './runtime.ts';
export * as config from './config.ts';
export {
  type ConfigDeclarations,
  ConfigError,
  ConfigKey,
  type ConfigOf,
  type ConfigType,
  type ConfigValue,
  configTypeCode,
  type DynamicScope,
  LONG_MAX_TEXT,
} from './config.ts';
export { configsFromEnvironment, variableOf } from './config-environment.ts';
export { formatProperty, parseProperties } from './config-properties.ts';
export { formatValue, normalText, parseConfigs, parseValue } from './config-values.ts';
export { type Turn, WaitingLines } from './waiting-lines.ts';
export type { Vitals } from './vitals.ts';
export type { Thread, ThreadService } from './thread.ts';
