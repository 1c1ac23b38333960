// How quotas are measured: Kafka's keys and defaults (QuotaConfig).
import { config } from '../../runtime/index.ts';

const { int } = config;

export const quotaConfig = {
  quotaSamples: int('quota.window.num', 11).atLeast(1).doc('Samples kept for client quotas.'),
  quotaWindowSeconds: int('quota.window.size.seconds', 1).atLeast(1).doc('Length of a sample of client quotas.'),
  controllerQuotaSamples: int('controller.quota.window.num', 11)
    .atLeast(1)
    .doc('Samples kept for the quota of controller mutations.'),
  controllerQuotaWindowSeconds: int('controller.quota.window.size.seconds', 1)
    .atLeast(1)
    .doc('Length of a sample of the quota of controller mutations.'),
} as const;
