// The part of the Admin that is about who may do what, as whom, and how fast.
import type { CallOptions } from '../connections/patience.ts';
import type { AclBinding, AclBindingFilter } from './acls.ts';
import type {
  CreateTokenOptions,
  DescribeTokensOptions,
  ExpireTokenOptions,
  RenewTokenOptions,
} from './delegation-tokens.ts';
import { GroupAdmin } from './group-admin.ts';
import type { AlterQuotasOptions, QuotaAlteration, QuotaFilter } from './quotas.ts';
import type { ScramDeletion, ScramUpsertion } from './scram.ts';

const tokens = () => import('./delegation-tokens.ts');

export class SecurityAdmin extends GroupAdmin {
  /** All that match; all there are when nothing is asked for. */
  describeAcls(filter: AclBindingFilter = {}, how: CallOptions = {}) {
    return this.run(how, async (asking) => (await import('./acls.ts')).describeAcls(asking, filter));
  }

  createAcls(bindings: readonly AclBinding[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await import('./acls.ts')).createAcls(asking, bindings));
  }

  /** Answers what each filter has deleted. */
  deleteAcls(filters: readonly AclBindingFilter[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await import('./acls.ts')).deleteAcls(asking, filters));
  }

  describeClientQuotas(filter: QuotaFilter = {}, how: CallOptions = {}) {
    return this.run(how, async (asking) => (await import('./quotas.ts')).describeClientQuotas(asking, filter));
  }

  alterClientQuotas(alterations: readonly QuotaAlteration[], how: AlterQuotasOptions = {}) {
    return this.run(how, async (asking) => (await import('./quotas.ts')).alterClientQuotas(asking, alterations, how));
  }

  /** Of all users when none is named. */
  describeUserScramCredentials(users: readonly string[] = [], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await import('./scram.ts')).describeUserScramCredentials(asking, users));
  }

  /** By user. */
  alterUserScramCredentials(alterations: readonly (ScramUpsertion | ScramDeletion)[], how: CallOptions = {}) {
    return this.run(how, async (asking) => (await import('./scram.ts')).alterUserScramCredentials(asking, alterations));
  }

  createDelegationToken(how: CreateTokenOptions = {}) {
    return this.run(how, async (asking) => (await tokens()).createDelegationToken(asking, how));
  }

  /** Answers when it expires, milliseconds since 1970. */
  renewDelegationToken(hmac: Uint8Array, how: RenewTokenOptions = {}) {
    return this.run(how, async (asking) => (await tokens()).renewDelegationToken(asking, hmac, how));
  }

  /** Answers when it expires, milliseconds since 1970. */
  expireDelegationToken(hmac: Uint8Array, how: ExpireTokenOptions = {}) {
    return this.run(how, async (asking) => (await tokens()).expireDelegationToken(asking, hmac, how));
  }

  describeDelegationToken(how: DescribeTokensOptions = {}) {
    return this.run(how, async (asking) => (await tokens()).describeDelegationToken(asking, how));
  }
}
