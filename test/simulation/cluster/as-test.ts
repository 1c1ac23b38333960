// A plan that failed, as a test that can be put into regressions.test.ts.
import type { ClusterPlan } from './plan.ts';
import type { Violation } from './violation.ts';

export function asTest(plan: ClusterPlan, violation: Violation): string {
  const faults = plan.faults.map((fault) => `      ${JSON.stringify(fault)},`).join('\n');
  const { faults: _, ...rest } = plan;
  return [
    `  it('seed ${plan.seed}: ${violation.promise}', () =>`,
    `    holds({`,
    `      ...${JSON.stringify(rest)},`,
    `      faults: [`,
    ...(faults === '' ? [] : [faults]),
    `      ],`,
    `    }));`,
  ].join('\n');
}
