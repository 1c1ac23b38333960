// What a node is in its cluster (process.roles), and what Kafka asks of its listeners and voters for that (KafkaConfig).
import { ConfigError, type Endpoint } from '../../runtime/index.ts';
import { isEveryAddress } from './endpoints.ts';

export interface Roles {
  readonly isBroker: boolean;
  readonly isController: boolean;
}

export interface RoleFacts {
  readonly nodeId: number;
  /** All of listeners. */
  readonly listeners: readonly Endpoint[];
  /** controller.listener.names, in upper case. */
  readonly controllerNames: ReadonlySet<string>;
  readonly advertised: readonly Endpoint[];
  /** controller.quorum.voters, as they are written. */
  readonly voters: readonly string[];
  readonly hasBootstrapServers: boolean;
}

/** Throws ConfigError. */
export function rolesOf(processRoles: readonly string[]): Roles {
  const roles = { isBroker: processRoles.includes('broker'), isController: processRoles.includes('controller') };
  const isKnown = processRoles.every((role) => role === 'broker' || role === 'controller');
  if (isKnown && (roles.isBroker || roles.isController)) return roles;
  throw new ConfigError(
    `Invalid value ${processRoles.join(',')} for configuration process.roles: write broker, controller, or broker,controller`,
  );
}

/** Others belong to the cluster of this node, as far as its configuration tells. */
export function isOneOfSeveral({ isBroker, isController }: Roles, voters: readonly string[]): boolean {
  return !isBroker || !isController || voters.length > 1;
}

/** Throws ConfigError: what is asked for does not go together. */
export function checkRoles(roles: Roles, facts: RoleFacts): void {
  checkVoters(roles, facts);
  checkListeners(roles, facts);
  if (isOneOfSeveral(roles, facts.voters)) checkAddresses(facts);
}

function checkVoters(
  { isBroker, isController }: Roles,
  { nodeId, voters, hasBootstrapServers, listeners, controllerNames }: RoleFacts,
): void {
  const isVoter = voters.some((text) => text.trim().startsWith(`${nodeId}@`));
  if (voters.length === 0) {
    if (!isController && !hasBootstrapServers) {
      throw new ConfigError(
        'process.roles=broker, and nothing says where the controllers are: set controller.quorum.bootstrap.servers=host:port, or controller.quorum.voters=id@host:port',
      );
    }
    return;
  }
  const written = `controller.quorum.voters=${voters.join(',')}`;
  if (isController && !isBroker && !isVoter) {
    throw new ConfigError(`process.roles=controller, and node ${nodeId} is none of ${written}: add it there`);
  }
  if (isController && voters.length > 1 && !listeners.some(({ name }) => controllerNames.has(name))) {
    throw new ConfigError(
      `${written} names several controllers, and this one opens no port for them: add a listener such as CONTROLLER://:9093, and its name to controller.listener.names`,
    );
  }
  if (!isController && isVoter) {
    throw new ConfigError(
      `process.roles=broker, and node ${nodeId} is one of ${written}: take it out, give this node another node.id, or add the role controller`,
    );
  }
}

function checkListeners(
  { isBroker, isController }: Roles,
  { listeners, controllerNames, advertised }: RoleFacts,
): void {
  const names = listeners.map(({ name }) => name);
  const written = `listeners=${names.join(',')}`;
  if (!isController && controllerNames.size === 0) {
    throw new ConfigError(
      'process.roles=broker needs controller.listener.names: the name of the listener at which the controllers are reached, such as CONTROLLER',
    );
  }
  const own = names.find((name) => controllerNames.has(name));
  if (!isController && own !== undefined) {
    throw new ConfigError(`process.roles=broker opens no controller listener: take ${own} out of listeners`);
  }
  if (isBroker) return;
  const client = names.find((name) => !controllerNames.has(name));
  if (names.length === 0 || client !== undefined) {
    throw new ConfigError(
      `process.roles=controller, and ${written} must hold listeners of controller.listener.names alone: ${client ?? 'none is there'}`,
    );
  }
  const stranger = advertised.find(({ name }) => !controllerNames.has(name));
  if (stranger !== undefined) {
    throw new ConfigError(
      `process.roles=controller, and advertised.listeners must hold listeners of controller.listener.names alone: take ${stranger.name} out`,
    );
  }
}

/**
 * Other nodes and clients have to be told an address that they can reach. One that is left empty is the name of the machine, and
 * that of a controller stands in controller.quorum.voters as well.
 */
function checkAddresses({ listeners, advertised, controllerNames }: RoleFacts): void {
  const told = new Set([...advertised.map(({ name }) => name), ...controllerNames]);
  const hidden = listeners.find(({ name, host }) => isEveryAddress(host) && host !== '' && !told.has(name));
  if (hidden === undefined) return;
  throw new ConfigError(
    `Listener ${hidden.name} listens on ${hidden.host}, which no other node can connect to: name its address in advertised.listeners`,
  );
}
