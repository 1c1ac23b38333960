// Listeners and what they advertise, as server.properties writes them (`NAME://host:port`, comma-separated).
import { ConfigError, type Endpoint } from '../../runtime/index.ts';

export type { Endpoint };

const LARGEST_PORT = 65535;

/** Throws ConfigError saying which entry of `key` cannot be read. */
export function parseEndpoint(key: string, text: string): Endpoint {
  const match = /^([A-Za-z0-9_]+):\/\/(?:\[([0-9A-Fa-f:.]+(?:%[0-9A-Za-z._-]+)?)\]|([^:[\]/]*)):(-?\d+)$/.exec(
    text.trim(),
  );
  const port = Number(match?.[4]);
  if (match === null || !(port >= 0 && port <= LARGEST_PORT)) {
    throw new ConfigError(
      `Invalid value ${text} for configuration ${key}: write NAME://host:port with a port from 0 to ${LARGEST_PORT}`,
    );
  }
  return { name: (match[1] as string).toUpperCase(), host: match[2] ?? match[3] ?? '', port };
}

/** One endpoint for each listener name. Throws ConfigError when a name stands twice. */
export function parseEndpoints(key: string, texts: readonly string[]): Endpoint[] {
  const endpoints = texts.map((text) => parseEndpoint(key, text));
  const names = new Set(endpoints.map((endpoint) => endpoint.name));
  if (names.size < endpoints.length) {
    throw new ConfigError(
      `Invalid value ${texts.join(',')} for configuration ${key}: each listener must have a different name`,
    );
  }
  return endpoints;
}

/** `NAME:PROTOCOL,…` by listener name. Throws ConfigError for an entry of another form. */
export function parseProtocolMap(text: string): Map<string, string> {
  const protocols = new Map<string, string>();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [name, protocol, ...rest] = entry.split(':');
    if (name === undefined || protocol === undefined || protocol === '' || rest.length > 0) {
      throw new ConfigError(
        `Invalid value ${text} for configuration listener.security.protocol.map: write NAME:PROTOCOL, comma-separated`,
      );
    }
    protocols.set(name.toUpperCase(), protocol.toUpperCase());
  }
  return protocols;
}

/** Every address, in IPv4 or IPv6: fit to listen on, not to connect to. */
export function isEveryAddress(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::';
}

/** `host:port` as clients take it, IPv6 addresses in brackets. */
export function hostAndPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
