// One config, changed as by IncrementalAlterConfigs.
import { incrementalAlterConfigs } from '../../src/api-handlers/44-incremental-alter-configs.ts';
import type { ControllerBench } from './controller-bench.ts';
import { answerOf } from './recorded.ts';

export const SET = 0;

/** The code and the words of the answer. */
export async function alterConfig(
  bench: ControllerBench,
  resourceType: number,
  resourceName: string,
  name: string,
  value: string | null,
  operation = SET,
  validateOnly = false,
) {
  const resource = { resourceType, resourceName, configs: [{ name, configOperation: operation, value }] };
  const answer = await answerOf(incrementalAlterConfigs(bench.validators, bench), 1, {
    resources: [resource],
    validateOnly,
  });
  const [response] = answer['responses'] as { errorCode: number; errorMessage: string | null }[];
  return [response?.errorCode, response?.errorMessage];
}
