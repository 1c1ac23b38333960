// The place of quotas among the stages: empty, and nearly free, while there is no quota; their code is loaded with the first one.
import { javaAddress } from '../../api-handlers/index.ts';
import type { ActiveQuotas, Outcome, Quotas, RequestStage, StagedRequest } from '../../api-handlers/index.ts';
import type { ClientQuotasImage, MetadataDelta, MetadataImage, MetadataPublisher } from '../../kraft/metadata/index.ts';
import type { Clock, ConfigOf } from '../../runtime/index.ts';
import type { ClientQuotas } from './client-quotas.ts';
import type { quotaConfig } from '../configs/quota-config.ts';

/** No address is written like this. */
const EVERY_ADDRESS = '';
const LOOPBACK = '127.0.0.1';

/** By address as Java prints it; undefined when nobody has one. */
function connectionRates(image: ClientQuotasImage): ReadonlyMap<string, number> | undefined {
  const rates = new Map<string, number>();
  for (const { entity, quotas } of image.values()) {
    const rate = quotas.get('connection_creation_rate');
    const [part] = entity;
    if (rate === undefined || part?.entityType !== 'ip') continue;
    const name = part.entityName === 'localhost' ? LOOPBACK : part.entityName;
    rates.set(name === null ? EVERY_ADDRESS : javaAddress(name), rate);
  }
  return rates.size === 0 ? undefined : rates;
}

export class QuotaSlot implements RequestStage, MetadataPublisher, Quotas {
  readonly name = 'quotas';
  readonly mayHoldBack = false;
  readonly #clock: Clock;
  readonly #config: ConfigOf<typeof quotaConfig>;
  #quotas: ClientQuotas | undefined;
  #connectionRates: ReadonlyMap<string, number> | undefined;

  constructor(clock: Clock, config: ConfigOf<typeof quotaConfig>) {
    this.#clock = clock;
    this.#config = config;
  }

  get current(): ActiveQuotas | undefined {
    return this.#quotas;
  }

  /** The quota of connections of an address, a second; undefined where there is none. */
  readonly connectionRateOf = (address: string): number | undefined => {
    const rates = this.#connectionRates;
    return rates === undefined ? undefined : (rates.get(javaAddress(address)) ?? rates.get(EVERY_ADDRESS));
  };

  publish(delta: MetadataDelta, { clientQuotas }: MetadataImage): void | Promise<void> {
    if (!delta.clientQuotas.isEmpty || this.#connectionRates !== undefined) {
      this.#connectionRates = connectionRates(clientQuotas);
    }
    if (delta.clientQuotas.isEmpty && this.#quotas === undefined && clientQuotas.size === 0) return;
    if (clientQuotas.size === 0) {
      this.#quotas = undefined;
      return;
    }
    if (this.#quotas !== undefined) {
      if (!delta.clientQuotas.isEmpty) this.#quotas.update(clientQuotas);
      return;
    }
    return import('./client-quotas.ts').then((loaded) => {
      const quotas = new loaded.ClientQuotas(this.#clock, this.#config);
      quotas.update(clientQuotas);
      this.#quotas = quotas;
    });
  }

  enter(request: StagedRequest): undefined {
    if (this.#quotas !== undefined) this.#quotas.enter(request);
    return undefined;
  }

  leave(request: StagedRequest, outcome: Outcome<object>): Outcome<object> {
    if (this.#quotas !== undefined) this.#quotas.leave(request, outcome);
    return outcome;
  }
}
