// What decides about requests before they are handled: the authorizer and the quotas, both fed from the metadata, and the log of
// what they said. The same for a broker and for a controller.
import type { Access } from '../../api-handlers/index.ts';
import type { MetadataPublisher } from '../../kraft/metadata/index.ts';
import { parseConfigs, type Runtime } from '../../runtime/index.ts';
import { quotaConfig } from '../configs/quota-config.ts';
import type { Settings } from '../configs/settings.ts';
import { LimitedLog } from '../network/limited-log.ts';
import { QuotaSlot } from '../quotas/quota-slot.ts';
import { openAccessControl } from '../security/access-control.ts';
import { SecurityLog } from '../security/audit-log.ts';

export interface AccessParts {
  /** undefined without an authorizer. */
  readonly access: Access | undefined;
  readonly securityLog: SecurityLog;
  readonly quotas: QuotaSlot;
  /** They hear of the metadata before all others: what is forbidden is so before anything new can be asked for. */
  readonly accessPublishers: readonly MetadataPublisher[];
}

/** Throws ConfigError for an authorizer that there is not. */
export async function openAccess({ clock, logger }: Runtime, settings: Settings): Promise<AccessParts> {
  const securityLog = new SecurityLog(
    new LimitedLog(logger.child('audit'), clock),
    settings.broker.authorizerClassName === '' ? 'debug' : 'info',
  );
  const control = await openAccessControl(settings, securityLog);
  const quotas = new QuotaSlot(clock, parseConfigs(quotaConfig, settings.entries));
  const accessPublishers = control === undefined ? [quotas] : [control.publisher, quotas];
  return { access: control?.access, securityLog, quotas, accessPublishers };
}
