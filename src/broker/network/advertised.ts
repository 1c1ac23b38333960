// What clients are told to connect to. Without advertised.listeners it is the address that their connection came to, so
// that a broker on any port, in any container with plain port mapping, is found again; an explicit address is passed on
// as it is, and said once when a client came by another. Where there are other brokers it is what those tell: a client that heard of one
// broker under two addresses would give up a connection with each answer.
import type { Address, RequestContext } from '../../api-handlers/index.ts';
import type { Logger } from '../../runtime/index.ts';
import { type Endpoint, hostAndPort } from '../configs/endpoints.ts';

const MAPPED_IPV4 = '::ffff:';

export class AdvertisedListeners {
  readonly #explicit: ReadonlyMap<string, Endpoint>;
  readonly #toldByOthers: (listener: string) => Address | undefined;
  readonly #logger: Logger;
  readonly #mentioned = new Set<string>();

  constructor(
    explicit: ReadonlyMap<string, Endpoint>,
    toldByOthers: (listener: string) => Address | undefined,
    logger: Logger,
  ) {
    this.#explicit = explicit;
    this.#toldByOthers = toldByOthers;
    this.#logger = logger;
  }

  /** The address of this broker as the client of this request should know it. */
  readonly addressFor = ({ session }: RequestContext): Address => {
    const local = { host: withoutMapping(session.localAddress), port: session.localPort };
    const explicit = this.#explicit.get(session.listenerName);
    if (explicit === undefined) return this.#toldByOthers(session.listenerName) ?? local;
    if (explicit.port !== local.port || explicit.host !== local.host)
      this.#mention(session.listenerName, local, explicit);
    return explicit;
  };

  #mention(listener: string, local: Address, explicit: Address): void {
    if (this.#mentioned.has(listener)) return;
    this.#mentioned.add(listener);
    const came = hostAndPort(local.host, local.port);
    const told = hostAndPort(explicit.host, explicit.port);
    this.#logger.log(
      'info',
      `clients come to ${came} and are told to connect to ${told} (advertised.listeners); they must be able to reach it`,
      {
        listener,
      },
    );
  }
}

function withoutMapping(address: string): string {
  return address.startsWith(MAPPED_IPV4) ? address.slice(MAPPED_IPV4.length) : address;
}
