// The guards of all listeners that are not open to all, and what the metadata tells them of users and tokens. They belong to the
// ports: a node that takes the place of another goes on with them.
import type { DelegationToken, MetadataImage, ScramCredential } from '../../kraft/metadata/index.ts';
import type { Disk, Runtime } from '../../runtime/index.ts';
import type { Settings } from '../configs/settings.ts';
import type { CredentialSource } from './authentication/listener-login.ts';
import { ListenerGuard } from './listener-guard.ts';

export interface GuardsOptions {
  readonly runtime: Runtime;
  readonly settings: Settings;
  /** Where key stores are. */
  readonly disk: Disk;
}

class MetadataCredentials implements CredentialSource {
  readonly tokenSecret: string | null;
  image: () => MetadataImage | undefined = () => undefined;

  constructor(tokenSecret: string | null) {
    this.tokenSecret = tokenSecret;
  }

  scramOf(type: number, user: string): ScramCredential | undefined {
    return this.image()?.scram.get(`${type}:${user}`);
  }
  tokenOf(tokenId: string): DelegationToken | undefined {
    return this.image()?.delegationTokens.get(tokenId);
  }
}

export class Guards {
  readonly byListener: ReadonlyMap<string, ListenerGuard>;
  readonly #credentials: MetadataCredentials;

  private constructor(byListener: ReadonlyMap<string, ListenerGuard>, credentials: MetadataCredentials) {
    this.byListener = byListener;
    this.#credentials = credentials;
  }

  /** Rejects with ConfigError. */
  static async open({ runtime, settings, disk }: GuardsOptions): Promise<Guards> {
    const { authentication, security, entries } = settings;
    const credentials = new MetadataCredentials(authentication.delegationTokenSecretKey);
    const guards = new Map<string, ListenerGuard>();
    for (const [name, of] of security) {
      const guard = await ListenerGuard.open({
        security: of,
        entries,
        authentication,
        runtime: { ...runtime, disk },
        logger: runtime.logger.child('network'),
        credentials,
        isInterBroker: name === settings.interBroker.name,
      });
      guards.set(name, guard);
    }
    return new Guards(guards, credentials);
  }

  /** Users and tokens are those of this metadata from now on. */
  follow(image: () => MetadataImage): void {
    this.#credentials.image = image;
  }

  /** Throws ConfigError, which names the listener, when these configs must not be set. */
  check(entries: ReadonlyMap<string, string>, changed: ReadonlySet<string>): void {
    for (const guard of this.byListener.values()) guard.check(entries, changed);
  }

  /** Takes over configs that have changed. */
  async reload(entries: ReadonlyMap<string, string>, changed: ReadonlySet<string>): Promise<void> {
    for (const guard of this.byListener.values()) await guard.reload(entries, changed);
  }
}
