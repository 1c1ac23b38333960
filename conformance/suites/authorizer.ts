// The authorizer beside Apache Kafka's own class, in a Java program of ours: a hundred thousand random questions, one verdict each.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AclOperationName, AclResourceTypeName } from '../../src/protocol/index.ts';
import { type Question, type QuestionSet, linesOf, Questions } from '../authorizer/questions.ts';
import { authorizerOf, sessionOf } from '../golden-access.ts';
import { type Suite, type SuiteContext, that } from '../suite.ts';
import { compileJava } from '../toolchain/java-program.ts';
import { which } from '../toolchain/exec.ts';
import { KAFKA_VERSION } from '../toolchain/kafka-jars.ts';

const SETS = 500;
const QUESTIONS_EACH = 200;
const MOST_ACLS = 40;
const SEED = 17;
const LIMIT_MS = 300_000;

export const authorizer: Suite = {
  name: 'authorizer',
  isBlackBox: false,
  available: async (jars) => {
    if (typeof jars === 'string') return { missing: jars };
    return (await which('javac')) === undefined ? { missing: 'no javac' } : { version: KAFKA_VERSION };
  },
  run,
};

async function run({ jars, scratch, cases }: SuiteContext): Promise<void> {
  if (typeof jars === 'string') throw new Error('tool chain');
  const questions = new Questions(SEED);
  const sets = Array.from({ length: SETS }, (_, index) => questions.set(index % MOST_ACLS, QUESTIONS_EACH));
  const program = await compileJava(
    join(import.meta.dirname, '../authorizer/java'),
    [join(jars.libs, '*')],
    join(scratch, 'classes'),
  );
  const input = join(scratch, 'questions.tsv');
  writeFileSync(input, `${sets.flatMap(linesOf).join('\n')}\n`);
  const { status, stdout, stderr } = await program.run('Verdicts', [input], LIMIT_MS);
  if (status !== 0) throw new Error(stderr.slice(-2000));
  const theirs = stdout.trim();
  await cases.run(`${SETS * QUESTIONS_EACH} questions have one answer`, () => {
    const ours = sets.map(verdictsOf).join('');
    that(theirs.length === ours.length, `${theirs.length} verdicts for ${ours.length} questions`);
    const place = Array.from(ours).findIndex((verdict, index) => verdict !== theirs[index]);
    const set = sets[Math.floor(place / QUESTIONS_EACH)];
    that(place < 0, `Kafka says ${theirs[place]} to ${JSON.stringify(set?.questions[place % QUESTIONS_EACH])}`);
  });
}

function verdictsOf(set: QuestionSet): string {
  const standard = authorizerOf(set);
  const isAllowed = (question: Question): boolean => {
    const session = sessionOf(question);
    const operation = question.operation as AclOperationName;
    const type = question.resourceType as AclResourceTypeName;
    return question.resourceName === undefined
      ? standard.isAllowedOnAny(session, operation, type)
      : standard.isAllowed(session, operation, type, question.resourceName);
  };
  return set.questions.map((question) => (isAllowed(question) ? 'A' : 'D')).join('');
}
