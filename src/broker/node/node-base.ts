// What every node has, whatever its roles: directories, ports, its part in the metadata quorum.
import type { RequestStage } from '../../api-handlers/index.ts';
import type { DirectoryFailure } from '../../log/index.ts';
import type { Runtime } from '../../runtime/index.ts';
import type { BrokerConfigDescriber } from '../configs/config-describer.ts';
import type { ConfigValidators } from '../configs/config-validators.ts';
import type { BrokerConfigs } from '../configs/dynamic-config.ts';
import type { Settings } from '../configs/settings.ts';
import type { RequestMeter } from '../network/dispatcher.ts';
import type { SocketServer } from '../network/socket-server.ts';
import type { AccessParts } from './access-parts.ts';
import type { EarlyEvents } from './early-events.ts';
import type { ControllerRegistration } from './lifecycle/controller-registration.ts';
import type { MetadataNode } from './metadata-node.ts';
import type { NodeDirectories } from './node-directories.ts';
import type { PeerSecurity } from './node-guards.ts';
import type { NodeLocks } from './node-locks.ts';

export interface NodeBase extends AccessParts {
  readonly runtime: Runtime;
  readonly settings: Settings;
  readonly configs: BrokerConfigs;
  readonly stages: readonly RequestStage[];
  /** undefined: nothing is measured. */
  readonly meter: RequestMeter | undefined;
  readonly socketServer: SocketServer;
  readonly peerSecurity: PeerSecurity;
  readonly locks: NodeLocks;
  readonly directories: NodeDirectories;
  readonly metadata: MetadataNode;
  /** undefined without the role. */
  readonly controllerRegistration: ControllerRegistration | undefined;
  readonly configDescriber: BrokerConfigDescriber;
  readonly configValidators: ConfigValidators;
  /** The metadata log cannot be written or read any more, or the lock of a directory is lost. */
  readonly metadataFailures: EarlyEvents<Error>;
  readonly directoryFailures: EarlyEvents<DirectoryFailure>;
}
