// AlterClientQuotas, versions 0 to 1. Sets and removes client quotas (KIP-546).
//   v1 flexible
import { api, array, bool, float64, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const AlterClientQuotas = api({
  key: 49,
  name: 'AlterClientQuotas',
  versions: [0, 1],
  flexible: 1,
  request: {
    entries: array({
      entity: array({ entityType: string, entityName: string.nullable().doc('null: the default of the type.') }),
      ops: array({ key: string, value: float64, remove: bool.doc('true: remove the quota, value is not looked at.') }),
    }),
    validateOnly: bool.doc('true: only say whether it would work.'),
  },
  response: {
    throttleTimeMs,
    entries: array({
      errorCode,
      errorMessage: string.nullable(),
      entity: array({ entityType: string, entityName: string.nullable().doc('null: the default of the type.') }),
    }),
  },
});
export interface AlterClientQuotasRequest extends RequestOf<typeof AlterClientQuotas> {}
export interface AlterClientQuotasResponse extends ResponseOf<typeof AlterClientQuotas> {}
