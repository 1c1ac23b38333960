// Where a node listens, as the cluster writes it down.
export interface Endpoint {
  /** Of the listener, in upper case: Kafka's listener names do not tell cases apart. */
  readonly name: string;
  /** As given: '' or '0.0.0.0' mean every address. */
  readonly host: string;
  readonly port: number;
}
