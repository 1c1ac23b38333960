// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface BrokerRegistrationListeners {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number;
}

export interface BrokerRegistrationFeatures {
  readonly name: string;
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

export interface BrokerRegistrationRequest {
  readonly brokerId: number;
  readonly clusterId: string;
  /** Made anew whenever the process starts. */
  readonly incarnationId: string;
  readonly listeners: readonly BrokerRegistrationListeners[];
  readonly features: readonly BrokerRegistrationFeatures[];
  readonly rack: string | null;
  /** Of the time of ZooKeeper; always false. Since version 1. */
  readonly isMigratingZkBroker: boolean;
  /** Ids of the log directories. Since version 2. */
  readonly logDirs: readonly string[];
  /** Epoch before a clean shutdown; -1 after a crash. Since version 3. */
  readonly previousBrokerEpoch: number;
}
