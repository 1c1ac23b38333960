// DescribeClientQuotas, versions 0 to 1. Client quotas that match a filter (KIP-546).
//   v1 flexible
import { api, array, bool, float64, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const DescribeClientQuotas = api({
  key: 48,
  name: 'DescribeClientQuotas',
  versions: [0, 1],
  flexible: 1,
  request: {
    components: array({
      entityType: string,
      matchType: int8.doc('0 exactly this name, 1 the default, 2 any name.'),
      match: string.nullable().doc('The name, for matchType 0.'),
    }),
    strict: bool.doc('true: leave out entities that have other parts as well.'),
  },
  response: {
    throttleTimeMs,
    errorCode,
    errorMessage: string.nullable(),
    entries: array({
      entity: array({ entityType: string, entityName: string.nullable().doc('null: the default of the type.') }),
      values: array({ key: string, value: float64 }),
    }).nullable(),
  },
});
export interface DescribeClientQuotasRequest extends RequestOf<typeof DescribeClientQuotas> {}
export interface DescribeClientQuotasResponse extends ResponseOf<typeof DescribeClientQuotas> {}
