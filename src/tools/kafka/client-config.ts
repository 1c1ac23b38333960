// From --bootstrap-server and --command-config to what a client is made of. A file of properties is handed on as it is: the client
// knows Kafka's keys.
import type { ClientConfig } from '../../client/index.ts';
import { DiskError, parseProperties } from '../../runtime/index.ts';
import type { ToolIo } from '../tool-io.ts';
import { JavaError } from './java-error.ts';

export type Properties = Readonly<Record<string, string>>;

/** Of the file behind --command-config and its relatives; nothing without one. Throws JavaError when it cannot be read. */
export function loadProperties(io: ToolIo, path: string | undefined): Record<string, string> {
  if (path === undefined) return {};
  return Object.fromEntries(parseProperties(read(io, path, new JavaError('java.nio.file.NoSuchFileException', path))));
}

/** Throws JavaError as Kafka's Utils.readFileAsString does. */
export function readText(io: ToolIo, path: string): string {
  const missing = new JavaError('java.io.IOException', `Unable to read file ${path}`);
  return new TextDecoder().decode(read(io, path, missing));
}

function read(io: ToolIo, path: string, missing: JavaError): Uint8Array {
  try {
    return io.readFile(path);
  } catch (error) {
    throw error instanceof DiskError && error.code === 'ENOENT' ? missing : error;
  }
}

/** `bootstrapServers` wins over what the properties say. */
export function clientConfig(io: ToolIo, bootstrapServers: string, properties: Properties = {}): ClientConfig {
  const { 'bootstrap.servers': given, 'client.id': clientId, ...config } = properties;
  const { clock, random, network, logger } = io.runtime;
  return {
    brokers: bootstrapServers === '' ? (given ?? '') : bootstrapServers,
    ...(clientId !== undefined && { clientId }),
    config,
    runtime: { clock, random, ...(network !== undefined && { network }), ...(logger !== undefined && { logger }) },
  };
}
