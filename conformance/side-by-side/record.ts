// `node --import=tsx conformance/side-by-side/record.ts [--denied] [MORE]`: has Apache Kafka answer the questions of
// test/fixtures/odd-requests.jsonl.gz again, or those of denied-requests.jsonl.gz, and those that module MORE has in its `questions`, and writes what it says.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { apache } from '../targets/apache.ts';
import { freePort, stopAll } from '../targets/target.ts';
import { kafkaJars } from '../toolchain/kafka-jars.ts';
import { loginListeners } from './logins.ts';
import { CHANGES_METADATA, HEARD_MS, Peer } from './peer.ts';
import {
  answerOf,
  DENIED,
  DENIED_REQUESTS,
  ODD_REQUESTS,
  prepare,
  propertiesOf,
  type Question,
  readQuestions,
  writeQuestions,
} from './scene.ts';

/** Not so old that retention takes the records. */
const nowMs = Date.now() - 60_000;
const { values: flags, positionals } = parseArgs({
  options: { denied: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const file = flags.denied ? DENIED_REQUESTS : ODD_REQUESTS;
const [more] = positionals;

async function main(scratch: string): Promise<void> {
  const jars = await kafkaJars();
  if (typeof jars === 'string') throw new Error(jars);
  const added = more === undefined ? [] : ((await import(resolve(more))) as { questions: Question[] }).questions;
  const all = [...known(), ...added];
  const answered: Question[] = [];
  for (const scene of new Set(all.map((question) => question.scene))) {
    const [port, loginPort] = [await freePort(), await freePort()];
    const broker = await apache(jars).start({
      dataDirectory: join(scratch, scene),
      properties: propertiesOf(scene),
      ...(scene === DENIED && loginListeners(port, loginPort)),
    });
    const peer = new Peer(broker.bootstrap, loginPort);
    await prepare(peer, scene, nowMs);
    for (const question of all.filter((one) => one.scene === scene)) {
      const answer = await answerOf(peer, question);
      if (CHANGES_METADATA.has(question.key)) await new Promise((resolve) => setTimeout(resolve, 10 * HEARD_MS));
      if (answer === 'silent') console.log(`never answered, left out: ${JSON.stringify(question.body)}`);
      else answered.push({ ...question, answer });
    }
    peer.close();
    await broker.stop();
  }
  writeQuestions(answered, file);
  console.log(`${answered.length} answers of Apache Kafka`);
}

/** None yet: the file is made. */
function known(): Question[] {
  return existsSync(file) ? readQuestions(file) : [];
}

const scratch = mkdtempSync(join(tmpdir(), 'side-by-side-'));
try {
  await main(scratch);
} finally {
  await stopAll();
  rmSync(scratch, { recursive: true, force: true });
}
