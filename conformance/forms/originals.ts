// The originals: Kafka's own programs, in one JVM (java/Forms.java).
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { exec, execOk } from '../toolchain/exec.ts';
import { javaArguments, type KafkaJars } from '../toolchain/kafka-jars.ts';
import {
  argumentsAt,
  type Form,
  type FormOutcome,
  GROUP_CLASSES,
  MAIN_CLASSES,
  MODERN_GROUP_CLASSES,
  MORE_CLASSES,
  type Place,
  prepareForm,
} from './forms.ts';

const FLAGS = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.security.manager=allow'];

const CLASSES = { ...MAIN_CLASSES, ...GROUP_CLASSES, ...MODERN_GROUP_CLASSES, ...MORE_CLASSES };

const encoded = (text: string): string => Buffer.from(text).toString('base64');
const decoded = (text: string): string => Buffer.from(text, 'base64').toString();

/** What these tell at their end comes from a hook of the JVM: each call has one of its own. */
const ALONE: ReadonlySet<string> = new Set(['kafka-verifiable-producer']);

async function runAlone(jars: KafkaJars, form: Form, place: Place): Promise<FormOutcome> {
  const args = javaArguments(jars, FLAGS, CLASSES[form.tool] as string);
  const how = { input: form.input ?? '', timeoutMs: 60_000 };
  const { status, stdout, stderr } = await exec('java', [...args, ...argumentsAt(form.args, place)], how);
  return { code: status ?? -1, out: stdout, err: stderr };
}

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
    if (ALONE.has(form.tool)) {
      outcomes.push(await runAlone(jars, form, place));
      continue;
    }
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
