// The key and trust store with which this node dials the others. They are looked at when it dials: a store whose file, or whose
// configs, have changed takes the place of the one before if it may (renewal.ts), as at the listener that it belongs to (Kafka:
// SslChannelBuilder is reconfigurable on the side of the client too, ControllerChannelManager.addNewBroker).
import { ConfigError, type Disk, type Logger, parseConfigs, type TlsSettings } from '../../../runtime/index.ts';
import { entriesOfListener } from '../../configs/listener-security.ts';
import { type TlsConfig, tlsConfig } from '../../configs/security-config.ts';
import { type LoadedTls, loadTls } from './key-stores.ts';
import { checkRenewal } from './renewal.ts';

export interface RenewableStoresOptions {
  /** Whose configs count. */
  readonly listener: string;
  /** All configs as they are now; another object when one of them has changed. */
  readonly entries: () => ReadonlyMap<string, string>;
  readonly disk: Disk;
  readonly logger: Logger;
}

export class RenewableStores {
  readonly #options: RenewableStoresOptions;
  #loaded: LoadedTls;
  #entries: ReadonlyMap<string, string>;
  /** Of the files, when they were last read. */
  #stamp: string;

  /** Throws ConfigError. */
  constructor(options: RenewableStoresOptions) {
    this.#options = options;
    this.#entries = options.entries();
    this.#loaded = loadTls(this.#configOf(this.#entries), options.disk, false);
    this.#stamp = this.#stampOf(this.#loaded.files);
  }

  /** For the next connection; the same object while nothing has changed. What is not fit for use is logged once, and passed over. */
  get settings(): TlsSettings {
    const entries = this.#options.entries();
    const stamp = this.#stampOf(this.#loaded.files);
    if (entries === this.#entries && stamp === this.#stamp) return this.#loaded.settings;
    this.#stamp = stamp;
    this.#renew(entries);
    this.#entries = entries;
    return this.#loaded.settings;
  }

  #renew(entries: ReadonlyMap<string, string>): void {
    const { disk, logger, listener } = this.#options;
    try {
      const config = this.#configOf(entries);
      const next = loadTls(config, disk, false);
      if (isSame(next.settings, this.#loaded.settings)) return;
      // That the peers will trust it is for the listener of that name to make sure of.
      checkRenewal(this.#loaded.settings, next.settings, {
        allowsOtherName: config.sslAllowDnChanges,
        allowsFewerHosts: config.sslAllowSanChanges,
        isInterBroker: false,
      });
      this.#loaded = next;
      this.#stamp = this.#stampOf(next.files);
      logger.log('info', 'connections to other nodes use a new key store from now on', { listener });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const reason = error.message;
      logger.log('warn', 'a new key store is not fit for connections to other nodes: the one before stays', {
        listener,
        reason,
      });
    }
  }

  #configOf(entries: ReadonlyMap<string, string>): TlsConfig {
    return parseConfigs(tlsConfig, entriesOfListener(this.#options.listener, entries));
  }

  #stampOf(files: readonly string[]): string {
    const { disk } = this.#options;
    const infos = files.map((path) => {
      const info = disk.infoSync(path);
      return `${path} ${info?.sizeBytes} ${info?.modifiedMs}`;
    });
    return infos.join('\n');
  }
}

function isSame(one: TlsSettings, other: TlsSettings): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
