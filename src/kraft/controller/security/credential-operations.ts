// What the controller decides about users and tokens; loaded when it is first asked, since most clusters have neither.
import type { Clock, Random } from '../../../runtime/index.ts';
import type { CreateDelegationToken } from '../../../protocol/messages/38-create-delegation-token.ts';
import type { RenewDelegationToken } from '../../../protocol/messages/39-renew-delegation-token.ts';
import type { ExpireDelegationToken } from '../../../protocol/messages/40-expire-delegation-token.ts';
import type { AlterUserScramCredentials } from '../../../protocol/messages/51-alter-user-scram-credentials.ts';
import { ANONYMOUS, type RequestOf, type ResponseOf } from '../../../protocol/index.ts';
import { randomUuid } from '../../metadata/index.ts';
import type { OperationRunner } from '../operation-runner.ts';
import type { PeriodicTask } from '../periodic-tasks.ts';
import type { TokenContext, TokenRules } from './tokens-control.ts';

export interface CredentialOptions {
  /** Left out: there are no delegation tokens. */
  readonly tokens?: TokenRules | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

const NO_TOKENS: TokenRules = { secret: null, maxLifetimeMs: 0, renewMs: 0, sweepEveryMs: 0 };

/** Whoever a request comes from, as `User:alice`. */
interface Asker {
  readonly principal?: string | undefined;
}

type Answer<A> = Promise<ResponseOf<A>>;

/** Each rejects with KafkaError when the request is refused as a whole. */
export class CredentialOperations {
  readonly #options: CredentialOptions;
  readonly #runner: OperationRunner;

  constructor(options: CredentialOptions, runner: OperationRunner) {
    this.#options = options;
    this.#runner = runner;
  }

  /** Where there are tokens, those that have expired are taken out from time to time. */
  get tasks(): PeriodicTask[] {
    const { tokens } = this.#options;
    if (tokens === undefined || tokens.secret === null) return [];
    return [{ name: 'expired tokens', intervalMs: tokens.sweepEveryMs, run: () => this.#sweepTokens() }];
  }

  async alterUserScramCredentials(
    request: RequestOf<typeof AlterUserScramCredentials>,
  ): Answer<typeof AlterUserScramCredentials> {
    const { alterUserScramCredentials } = await import('./scram-control.ts');
    return this.#runner.run(({ image }) => alterUserScramCredentials(image, request));
  }

  /** Rejects with DELEGATION_TOKEN_AUTH_DISABLED too. */
  async createDelegationToken(
    request: RequestOf<typeof CreateDelegationToken>,
    context: Asker,
  ): Answer<typeof CreateDelegationToken> {
    const { createDelegationToken } = await import('./tokens-control.ts');
    return this.#runner.run(({ image }) => createDelegationToken(image, request, this.#contextOf(context)));
  }

  /** Rejects with DELEGATION_TOKEN_NOT_FOUND, _EXPIRED, _OWNER_MISMATCH too. */
  async renewDelegationToken(
    request: RequestOf<typeof RenewDelegationToken>,
    context: Asker,
  ): Answer<typeof RenewDelegationToken> {
    const { renewDelegationToken } = await import('./tokens-control.ts');
    return this.#runner.run(({ image }) => renewDelegationToken(image, request, this.#contextOf(context)));
  }

  /** Rejects as renewDelegationToken does. */
  async expireDelegationToken(
    request: RequestOf<typeof ExpireDelegationToken>,
    context: Asker,
  ): Answer<typeof ExpireDelegationToken> {
    const { expireDelegationToken } = await import('./tokens-control.ts');
    return this.#runner.run(({ image }) => expireDelegationToken(image, request, this.#contextOf(context)));
  }

  #contextOf({ principal = ANONYMOUS }: Asker): TokenContext {
    const { clock, random, tokens: rules = NO_TOKENS } = this.#options;
    return { rules, nowMs: clock.nowMs(), principal, newTokenId: () => randomUuid(random) };
  }

  async #sweepTokens(): Promise<boolean> {
    if (this.#runner.image.delegationTokens.size === 0) return false;
    const { sweepDelegationTokens } = await import('./tokens-control.ts');
    await this.#runner.run(({ image }) => sweepDelegationTokens(image, this.#options.clock.nowMs()));
    return false;
  }
}
