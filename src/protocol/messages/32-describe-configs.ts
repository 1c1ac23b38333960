// DescribeConfigs, versions 1 to 4. Configs of topics, brokers, broker loggers, client metrics and groups (KIP-133).
//   v1 synonyms and sources (KIP-226) · v3 types and documentation (KIP-569) · v4 flexible
import { api, array, bool, int8, type RequestOf, type ResponseOf, string } from '../schema.ts';
import { errorCode, throttleTimeMs } from './fields.ts';

export const DescribeConfigs = api({
  key: 32,
  name: 'DescribeConfigs',
  versions: [1, 4],
  flexible: 4,
  request: {
    resources: array({
      resourceType: int8,
      resourceName: string,
      configurationKeys: array(string).nullable().doc('null: all.'),
    }),
    includeSynonyms: bool.default(false),
    includeDocumentation: bool.since(3).default(false),
  },
  response: {
    throttleTimeMs,
    results: array({
      errorCode,
      errorMessage: string.nullable(),
      resourceType: int8,
      resourceName: string,
      configs: array({
        name: string,
        value: string.nullable(),
        readOnly: bool,
        configSource: int8
          .default(-1)
          .doc('1 topic, 2 broker, 3 all brokers, 4 properties file, 5 default, 6 logger, 7 client metrics, 8 group.'),
        isSensitive: bool,
        synonyms: array({ name: string, value: string.nullable(), source: int8.doc('As configSource.') }),
        configType: int8
          .since(3)
          .default(0)
          .ignorable()
          .doc('1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list, 8 class, 9 password.'),
        documentation: string.since(3).nullable().ignorable(),
      }),
    }),
  },
});
export interface DescribeConfigsRequest extends RequestOf<typeof DescribeConfigs> {}
export interface DescribeConfigsResponse extends ResponseOf<typeof DescribeConfigs> {}
