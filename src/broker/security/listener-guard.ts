// What a listener asks of its connections before they may ask anything of it: TLS, a certificate, a login. One for each listener that
// is not open to all; loaded only where there is one. What is changed later counts for connections that come later.
import type { SecurityProtocol } from '../../api-handlers/index.ts';
import {
  type ClientCertificate,
  ConfigError,
  type Logger,
  parseConfigs,
  type Runtime,
  type TlsServerOptions,
} from '../../runtime/index.ts';
import {
  entriesOfListener,
  type ListenerSecurity,
  listenerPrefix,
  speaksSasl,
  speaksTls,
} from '../configs/listener-security.ts';
import { type AuthenticationConfig, saslConfig, type TlsConfig, tlsConfig } from '../configs/security-config.ts';
import { checkJaas, ListenerLogin, type LoginParts } from './authentication/listener-login.ts';
import { subjectOf } from './tls/distinguished-name.ts';
import { type LoadedTls, loadTls } from './tls/key-stores.ts';
import { PrincipalMapper } from './tls/principal-mapper.ts';
import { checkRenewal } from './tls/renewal.ts';

/** Key stores are looked at for changes this often. */
const FILES_LOOKED_AT_MS = 30_000;

export interface GuardOptions {
  readonly security: ListenerSecurity;
  readonly entries: ReadonlyMap<string, string>;
  readonly authentication: AuthenticationConfig;
  readonly runtime: Pick<Runtime, 'clock' | 'disk' | 'random' | 'readUrl'>;
  readonly logger: Logger;
  readonly credentials: LoginParts['credentials'];
  /** Brokers connect to this listener. */
  readonly isInterBroker: boolean;
}

export class ListenerGuard {
  readonly protocol: SecurityProtocol;
  readonly tls: TlsServerOptions | undefined;
  readonly authentication: AuthenticationConfig;
  readonly #options: GuardOptions;
  #loaded: LoadedTls | undefined;
  #mapper: PrincipalMapper | undefined;
  #clientCertificate: ClientCertificate = 'none';
  #login: ListenerLogin | undefined;
  #entries: ReadonlyMap<string, string>;
  #seen = '';
  #isClosed = false;

  private constructor(options: GuardOptions) {
    const { security, authentication } = options;
    this.#options = options;
    this.#entries = options.entries;
    this.protocol = security.protocol;
    this.authentication = authentication;
    this.tls = speaksTls(security.protocol)
      ? {
          settings: () => (this.#loaded as LoadedTls).settings,
          clientCertificate: () => this.#clientCertificate,
          handshakeMs: authentication.authenticationTimeoutMs,
        }
      : undefined;
  }

  /** Rejects with ConfigError, which names the listener, when its configs are not fit to keep anybody out. */
  static async open(options: GuardOptions): Promise<ListenerGuard> {
    const guard = new ListenerGuard(options);
    try {
      await guard.#take(options.entries);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new ConfigError(`Listener ${options.security.name}: ${error.message}`);
    }
    guard.#watchFiles();
    return guard;
  }

  /** How clients log in; undefined: a certificate, or nothing, is enough. */
  get login(): ListenerLogin | undefined {
    return this.#login;
  }

  /** `User:…` of whoever shows the certificate. Throws NoMatchingRuleError, DerError. */
  principalOf(certificate: Uint8Array): string {
    const name = subjectOf(certificate);
    return `User:${this.#mapper === undefined ? name : this.#mapper.nameOf(name)}`;
  }

  /**
   * Throws ConfigError when these configs, which somebody is about to set, are not fit to take the place of those in use: then they
   * are not written down (Kafka: DynamicBrokerConfig.validate, SslFactory.validateReconfiguration).
   */
  check(entries: ReadonlyMap<string, string>, changed: ReadonlySet<string>): void {
    if (!this.#isMeant(changed)) return;
    const own = entriesOfListener(this.#options.security.name, entries);
    if (this.tls !== undefined) this.#renewed(parseConfigs(tlsConfig, own));
    if (this.#login !== undefined) checkJaas(parseConfigs(saslConfig, own).saslEnabledMechanisms, own);
  }

  /** Takes over configs that have changed; those that are not fit for use leave things as they are, and are logged. */
  async reload(entries: ReadonlyMap<string, string>, changed: ReadonlySet<string>): Promise<void> {
    if (!this.#isMeant(changed)) return;
    try {
      await this.#take(entries);
      this.#entries = entries;
      this.#log('info', 'security configs of a listener were taken over');
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#log('warn', 'security configs of a listener are not fit for use: those before stay', error.message);
    }
  }

  #isMeant(changed: ReadonlySet<string>): boolean {
    const prefix = listenerPrefix(this.#options.security.name);
    return [...changed].some((key) => key.startsWith(prefix));
  }

  /** Throws ConfigError. */
  #renewed(config: TlsConfig): LoadedTls {
    const loaded = loadTls(config, this.#options.runtime.disk, true);
    if (this.#loaded !== undefined) {
      checkRenewal(this.#loaded.settings, loaded.settings, {
        allowsOtherName: config.sslAllowDnChanges,
        allowsFewerHosts: config.sslAllowSanChanges,
        isInterBroker: this.#options.isInterBroker,
      });
    }
    return loaded;
  }

  close(): void {
    this.#isClosed = true;
    this.#login?.close();
  }

  async #take(all: ReadonlyMap<string, string>): Promise<void> {
    const { security, runtime, logger, credentials } = this.#options;
    const entries = entriesOfListener(security.name, all);
    if (speaksTls(security.protocol)) {
      const config = parseConfigs(tlsConfig, entries);
      const rules = config.sslPrincipalMappingRules;
      const mapper = rules.trim() === 'DEFAULT' ? undefined : await PrincipalMapper.of(rules);
      this.#loaded = this.#renewed(config);
      this.#mapper = mapper;
      this.#clientCertificate = config.sslClientAuth as ClientCertificate;
      this.#seen = this.#stamp();
    }
    if (speaksSasl(security.protocol)) {
      const config = parseConfigs(saslConfig, entries);
      const login = await ListenerLogin.open({ name: security.name, config, entries, runtime, logger, credentials });
      this.#login?.close();
      this.#login = login;
    }
  }

  #watchFiles(): void {
    if (this.tls === undefined || this.#isClosed) return;
    this.#options.runtime.clock.schedule(FILES_LOOKED_AT_MS, () => {
      this.lookAtFiles();
      this.#watchFiles();
    });
  }

  /** Reads key stores again whose files have changed. */
  lookAtFiles(): void {
    const { security } = this.#options;
    const stamp = this.#stamp();
    if (stamp === this.#seen || this.#isClosed) return;
    this.#seen = stamp;
    try {
      const config = parseConfigs(tlsConfig, entriesOfListener(security.name, this.#entries));
      this.#loaded = this.#renewed(config);
      this.#log('info', 'a key store has changed and was read again');
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#log('warn', 'a key store has changed and is not fit for use: the one before stays', error.message);
    }
  }

  #stamp(): string {
    const { disk } = this.#options.runtime;
    const infos = (this.#loaded?.files ?? []).map((path) => {
      const info = disk.infoSync(path);
      return `${path} ${info?.sizeBytes} ${info?.modifiedMs}`;
    });
    return infos.join('\n');
  }

  #log(level: 'info' | 'warn', message: string, reason?: string): void {
    const { logger, security } = this.#options;
    logger.log(level, message, { listener: security.name, ...(reason !== undefined && { reason }) });
  }
}
