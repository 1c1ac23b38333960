// `node --import=tsx conformance/side-by-side/record.ts [MORE]`: has Apache Kafka answer the questions of
// test/fixtures/odd-requests.jsonl.gz again, and those that module MORE has in its `questions`, and writes what it says.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { apache } from '../targets/apache.ts';
import { stopAll } from '../targets/target.ts';
import { kafkaJars } from '../toolchain/kafka-jars.ts';
import { Peer } from './peer.ts';
import { answerOf, propertiesOf, type Question, QUESTIONS, readQuestions, writeQuestions } from './scene.ts';
import { makeCoordinators, makeTopics } from './world.ts';

/** Not so old that retention takes the records. */
const nowMs = Date.now() - 60_000;
const more = process.argv[2];

async function main(scratch: string): Promise<void> {
  const jars = await kafkaJars();
  if (typeof jars === 'string') throw new Error(jars);
  const added = more === undefined ? [] : ((await import(resolve(more))) as { questions: Question[] }).questions;
  const all = [...known(), ...added];
  const answered: Question[] = [];
  for (const scene of new Set(all.map((question) => question.scene))) {
    const properties = propertiesOf(scene);
    const broker = await apache(jars).start({ dataDirectory: join(scratch, scene), properties });
    const peer = new Peer(broker.bootstrap);
    await makeCoordinators(peer);
    await makeTopics(peer, ['plain', 'compacted', 'other'], nowMs);
    for (const question of all.filter((one) => one.scene === scene)) {
      const answer = await answerOf(peer, question);
      if (answer === 'silent') console.log(`never answered, left out: ${JSON.stringify(question.body)}`);
      else answered.push({ ...question, answer });
    }
    peer.close();
    await broker.stop();
  }
  writeQuestions(answered);
  console.log(`${answered.length} answers of Apache Kafka`);
}

/** None yet: the file is made. */
function known(): Question[] {
  return existsSync(QUESTIONS) ? readQuestions() : [];
}

const scratch = mkdtempSync(join(tmpdir(), 'side-by-side-'));
try {
  await main(scratch);
} finally {
  await stopAll();
  rmSync(scratch, { recursive: true, force: true });
}
