// The place of quotas among the stages: empty, and nearly free, while there is no quota; their code is loaded with the first one.
import type { ActiveQuotas, Outcome, Quotas, RequestStage, StagedRequest } from '../../api-handlers/index.ts';
import type { MetadataDelta, MetadataImage, MetadataPublisher } from '../../kraft/metadata/index.ts';
import type { Clock, ConfigOf } from '../../runtime/index.ts';
import type { ClientQuotas } from './client-quotas.ts';
import type { quotaConfig } from '../configs/quota-config.ts';

export class QuotaSlot implements RequestStage, MetadataPublisher, Quotas {
  readonly name = 'quotas';
  readonly mayHoldBack = false;
  readonly #clock: Clock;
  readonly #config: ConfigOf<typeof quotaConfig>;
  #quotas: ClientQuotas | undefined;

  constructor(clock: Clock, config: ConfigOf<typeof quotaConfig>) {
    this.#clock = clock;
    this.#config = config;
  }

  get current(): ActiveQuotas | undefined {
    return this.#quotas;
  }

  publish(delta: MetadataDelta, { clientQuotas }: MetadataImage): void | Promise<void> {
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
