// What a listener demands of its connections, by its name: the protocol, and the configs that count for it alone
// (`listener.name.NAME.KEY`) over those that count for all (Kafka: AbstractConfig.valuesWithPrefixOverride).
import type { SecurityProtocol } from '../../api-handlers/index.ts';
import type { Endpoint } from './endpoints.ts';

export interface ListenerSecurity {
  /** In upper case. */
  readonly name: string;
  readonly protocol: SecurityProtocol;
}

const PROTOCOLS: readonly string[] = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];

export const isSecurityProtocol = (text: string): text is SecurityProtocol => PROTOCOLS.includes(text);
export const speaksTls = (protocol: SecurityProtocol): boolean => protocol === 'SSL' || protocol === 'SASL_SSL';
export const speaksSasl = (protocol: SecurityProtocol): boolean => protocol.startsWith('SASL_');

/** Kafka takes the name in lower case here. */
export const listenerPrefix = (name: string): string => `listener.name.${name.toLowerCase()}.`;

/** The entries as they count for one listener. */
export function entriesOfListener(name: string, entries: ReadonlyMap<string, string>): Map<string, string> {
  const own = new Map(entries);
  const prefix = listenerPrefix(name);
  for (const [key, value] of entries) {
    if (key.toLowerCase().startsWith(prefix)) own.set(key.slice(prefix.length), value);
  }
  return own;
}

/** An endpoint and what is spoken there; left out: PLAINTEXT. */
export interface ProtectedEndpoint extends Endpoint {
  readonly protocol?: SecurityProtocol | undefined;
}

/** As the metadata writes it down: protocols are numbers (SecurityProtocol.id), in the order of the list. */
export function registeredEndpoint({ name, host, port, protocol = 'PLAINTEXT' }: ProtectedEndpoint) {
  return { name, host, port, securityProtocol: PROTOCOLS.indexOf(protocol) };
}

export function protectedEndpoints(
  endpoints: readonly Endpoint[],
  security: ReadonlyMap<string, ListenerSecurity>,
): ProtectedEndpoint[] {
  return endpoints.map((endpoint) => ({ ...endpoint, protocol: security.get(endpoint.name)?.protocol }));
}
