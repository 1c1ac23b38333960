// Producers, consumers and the others either share the connections of a client that is there, or have their own.
import { ClusterClient } from './cluster-client.ts';
import type { ClientConfig } from './client-options.ts';

export type ClientSource = ClientConfig | { readonly client: ClusterClient };

export interface OpenedClient {
  readonly client: ClusterClient;
  /** Closes the client unless it is shared. */
  close(): Promise<void>;
}

/** Throws ConfigurationError that says what is wrong with which key. */
export function openClient(source: ClientSource): OpenedClient {
  if ('client' in source) return { client: source.client, close: () => Promise.resolve() };
  const client = new ClusterClient(source);
  return { client, close: () => client.close() };
}
