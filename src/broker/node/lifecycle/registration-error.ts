// A broker that the cluster does not take: one line that names the node, the reason and the way out.
import { type ErrorCode, Errors } from '../../../protocol/index.ts';
import type { Settings } from '../../configs/settings.ts';

export class RegistrationError extends Error {
  override readonly name = 'RegistrationError';
}

export interface RegisteringNode {
  readonly nodeId: number;
  readonly clusterId: string;
}

/**
 * What to tell the user of a refused registration; undefined while another attempt may go better. Kafka tries for
 * initial.broker.registration.timeout.ms whatever the reason; here it ends at once where only the user can mend it.
 */
export function registrationFault(
  code: ErrorCode,
  { nodeId, clusterId }: RegisteringNode,
  reason: string,
  isTimeOver: boolean,
): RegistrationError | undefined {
  const node = `Node ${nodeId}`;
  switch (code) {
    case Errors.INCONSISTENT_CLUSTER_ID:
      return new RegistrationError(
        `${node} belongs to cluster ${clusterId}, and its controllers to another one (${reason}): point controller.quorum.voters or ` +
          'controller.quorum.bootstrap.servers at the controllers of its own cluster, or give it an empty directory formatted for theirs',
      );
    case Errors.UNSUPPORTED_VERSION:
      return new RegistrationError(
        `${node} cannot join the cluster: ${reason}. Start it with a version that knows this level, or lower the feature`,
      );
    case Errors.INVALID_REQUEST:
    case Errors.INVALID_REGISTRATION:
      return new RegistrationError(
        `${node} cannot join the cluster: ${reason}. A log directory must not be used by, or copied from, another node: ` +
          'give this one its own',
      );
    case Errors.CLUSTER_AUTHORIZATION_FAILED:
      return new RegistrationError(
        `${node} cannot join the cluster: its principal lacks the operation CLUSTER_ACTION on the cluster; add it to super.users ` +
          'of the controllers, or give it the ACL',
      );
    case Errors.DUPLICATE_BROKER_REGISTRATION:
      if (!isTimeOver) return undefined;
      return new RegistrationError(
        `node.id ${nodeId} is in use: another broker with this id is alive in cluster ${clusterId}. Give this one an id of its own ` +
          'and an empty directory, or stop the other',
      );
    default:
      if (!isTimeOver) return undefined;
      return new RegistrationError(
        `${node} could not register with the controllers of cluster ${clusterId} in initial.broker.registration.timeout.ms: ${reason}. ` +
          'Are a majority of them up, and can they be reached at controller.quorum.voters or controller.quorum.bootstrap.servers?',
      );
  }
}

/** The metadata of the cluster could not be had within initial.broker.registration.timeout.ms. */
export function unreachableControllers(
  nodeId: number,
  clusterId: string,
  { entries, broker }: Pick<Settings, 'entries' | 'broker'>,
): RegistrationError {
  const places = ['controller.quorum.voters', 'controller.quorum.bootstrap.servers']
    .flatMap((name) => (entries.has(name) ? [`${name}=${entries.get(name)}`] : []))
    .join(', ');
  return new RegistrationError(
    `Node ${nodeId} found no active controller of cluster ${clusterId} in ${broker.registrationTimeoutMs} ms (${places}): are most of ` +
      'the controllers up, can they be reached there, and do they belong to this cluster?',
  );
}
