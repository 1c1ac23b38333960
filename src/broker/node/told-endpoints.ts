// What the cluster is told of where this node listens: what the configuration advertises, or where it listens, which an open
// listener knows best (its port may have been a free one).
import { hostname } from 'node:os';
import { type Endpoint, isEveryAddress } from '../configs/endpoints.ts';
import { isOneOfSeveral } from '../configs/roles.ts';
import type { Settings } from '../configs/settings.ts';
import type { Listener } from '../network/listener.ts';

/** `voters`: controller.quorum.voters, in which the address of this node's controller may stand. */
export class ToldEndpoints {
  readonly #settings: Settings;
  readonly #voters: readonly string[];

  constructor(settings: Settings, voters: readonly string[]) {
    this.#settings = settings;
    this.#voters = voters;
  }

  ofClients(opened: readonly Listener[]): Endpoint[] {
    return this.#settings.listeners.map((endpoint) => this.#told(endpoint, opened, hostname));
  }

  ofController(opened: readonly Listener[]): Endpoint[] {
    const id = String(this.#settings.broker.nodeId);
    const own = this.#voters.map((text) => text.trim().split('@')).find(([voter]) => voter === id)?.[1];
    const hostOfVoter = /^(.+):\d+$/.exec(own ?? '')?.[1];
    return this.#settings.controllerListeners.map((endpoint) =>
      this.#told(endpoint, opened, () => hostOfVoter ?? hostname()),
    );
  }

  /** `reachable`: what stands for every address where others have to reach this node. */
  #told(endpoint: Endpoint, opened: readonly Listener[], reachable: () => string): Endpoint {
    const { advertised, roles } = this.#settings;
    const listener = opened.find(({ name }) => name === endpoint.name);
    if (listener === undefined) return endpoint;
    const { host, port } = listener;
    const isHidden = isEveryAddress(host) && isOneOfSeveral(roles, this.#voters);
    return advertised.get(endpoint.name) ?? { name: endpoint.name, host: isHidden ? reachable() : host, port };
  }
}
