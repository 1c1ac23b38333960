// The originals: Kafka's own programs, in one JVM (java/Forms.java).
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execOk } from '../toolchain/exec.ts';
import { javaArguments, type KafkaJars } from '../toolchain/kafka-jars.ts';
import {
  argumentsAt,
  type Form,
  type FormOutcome,
  GROUP_CLASSES,
  MAIN_CLASSES,
  MODERN_GROUP_CLASSES,
  type Place,
  prepareForm,
} from './forms.ts';

const FLAGS = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.security.manager=allow'];

const CLASSES = { ...MAIN_CLASSES, ...GROUP_CLASSES, ...MODERN_GROUP_CLASSES };

const encoded = (text: string): string => Buffer.from(text).toString('base64');
const decoded = (text: string): string => Buffer.from(text, 'base64').toString();

/** Runs the forms one by one, in their order. Rejects when there is no compiler or the JVM ends early. */
export async function runOriginals(
  jars: KafkaJars,
  forms: readonly Form[],
  place: Place,
  scratch: string,
): Promise<FormOutcome[]> {
  const classes = join(scratch, 'forms-classes');
  mkdirSync(classes, { recursive: true });
  await execOk(
    'javac',
    ['-nowarn', '-d', classes, '-cp', `${jars.libs}/*`, join(import.meta.dirname, 'java/Forms.java')],
    {
      timeoutMs: 120_000,
    },
  );
  const args = javaArguments(jars, FLAGS, 'Forms').map((one) => (one === `${jars.libs}/*` ? `${classes}:${one}` : one));
  const java = spawn('java', args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: java.stdout })[Symbol.asyncIterator]();
  const outcomes: FormOutcome[] = [];
  for (const [id, form] of forms.entries()) {
    await prepareForm(form, place);
    const call = [id, CLASSES[form.tool], encoded(form.input ?? ''), ...argumentsAt(form.args, place).map(encoded)];
    java.stdin.write(`${call.join('\t')}\n`);
    const answer = await lines.next();
    if (answer.done === true) throw new Error(`the JVM ended at ${form.name}`);
    const [, code, out = '', err = ''] = answer.value.split('\t');
    outcomes.push({ code: Number(code), out: decoded(out), err: decoded(err) });
  }
  java.stdin.end();
  return outcomes;
}
