// Written by scripts/request-types.ts from the definitions in src/protocol/messages; not to be edited.

export interface ControllerRegistrationListeners {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** 0 PLAINTEXT, 1 SSL, 2 SASL_PLAINTEXT, 3 SASL_SSL. */
  readonly securityProtocol: number;
}

export interface ControllerRegistrationFeatures {
  readonly name: string;
  readonly minSupportedVersion: number;
  readonly maxSupportedVersion: number;
}

export interface ControllerRegistrationRequest {
  readonly controllerId: number;
  /** Made anew whenever the process starts. */
  readonly incarnationId: string;
  /** Of the time of ZooKeeper; always false. */
  readonly zkMigrationReady: boolean;
  readonly listeners: readonly ControllerRegistrationListeners[];
  readonly features: readonly ControllerRegistrationFeatures[];
}
