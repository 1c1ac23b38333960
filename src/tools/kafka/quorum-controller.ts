// The controller that kafka-metadata-quorum add-controller adds, as its own configuration tells of it.
import type { QuorumEndpoint } from '../../client/index.ts';
import { DiskError, parseProperties } from '../../runtime/index.ts';
import type { ToolIo } from '../tool-io.ts';
import type { Properties } from './client-config.ts';
import { TerseError } from './java-error.ts';

export interface NewController {
  readonly voterId: number;
  readonly directoryId: string;
  readonly endpoints: readonly QuorumEndpoint[];
}

const VALID = 'configuration file. Is this a valid controller configuration file?';

/** Throws TerseError. */
export function controllerOf(io: ToolIo, properties: Properties): NewController {
  const voterId = voterIdOf(properties);
  const directory = directoryOf(properties);
  return { voterId, directoryId: directoryIdOf(io, directory), endpoints: endpointsOf(properties) };
}

function voterIdOf(properties: Properties): number {
  const { 'node.id': id, 'process.roles': roles = '' } = properties;
  if (id === undefined) throw new TerseError(`node.id not found in ${VALID}`);
  if (Number(id) < 0) throw new TerseError(`node.id was negative in ${VALID}`);
  if (!roles.includes('controller')) throw new TerseError(`process.roles did not contain 'controller' in ${VALID}`);
  return Number(id);
}

function directoryOf(properties: Properties): string {
  const { 'metadata.log.dir': own, 'log.dirs': dirs } = properties;
  if (own !== undefined) return own;
  if (dirs !== undefined) return dirs.trim().split(',')[0] as string;
  throw new TerseError(
    'Neither metadata.log.dir nor log.dirs were found. Is this a valid controller configuration file?',
  );
}

function directoryIdOf(io: ToolIo, directory: string): string {
  let text: Uint8Array;
  try {
    text = io.readFile(`${directory}/meta.properties`);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    throw new TerseError(`Unable to read meta.properties from ${directory}`);
  }
  const id = parseProperties(new TextDecoder().decode(text)).get('directory.id');
  if (id === undefined) throw new TerseError(`No directory id found in ${directory}`);
  return id;
}

function endpointsOf(properties: Properties): QuorumEndpoint[] {
  const { listeners = '', 'advertised.listeners': advertised = '', 'controller.listener.names': names } = properties;
  const known = new Map([...listed(listeners), ...listed(advertised)].map((one) => [one.listener, one]));
  if (names === undefined) {
    throw new TerseError('controller.listener.names was not found. Is this a valid controller configuration file?');
  }
  return names.split(',').map((given) => {
    const name = given.trim().toUpperCase();
    const found = known.get(name);
    if (found === undefined) throw new TerseError(`Cannot find information about controller listener name: ${name}`);
    return { ...found, host: found.host === '' ? 'localhost' : found.host };
  });
}

function listed(text: string): QuorumEndpoint[] {
  return [...text.matchAll(/([^,\s:]+):\/\/(?:\[([^\]]*)\]|([^,:]*)):(\d+)/g)].map(
    ([, name = '', v6, host = '', port]) => ({
      listener: name.toUpperCase(),
      host: v6 ?? host,
      port: Number(port),
    }),
  );
}
