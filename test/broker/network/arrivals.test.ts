// A client that comes while hundreds of others do, and while what some of them have heaped up is answered: Node.js takes one connection
// of a listener in a turn of the event loop. What it waits for is counted in answers that others get meanwhile, not in time.
import { expect } from 'chai';
import { connect, type Socket } from 'node:net';
import { ApiVersions } from '../../../src/protocol/messages/18-api-versions.ts';
import { Metadata } from '../../../src/protocol/messages/03-metadata.ts';
import { LiveBroker } from '../live-broker.ts';
import { requestOf } from '../raw-client.ts';

const GREEDY = 100;
const QUESTIONS = 100;
const IDLE = 400;
const PARTITIONS = 300;

describe('A client that comes while others do', function () {
  this.timeout(120_000);

  it('waits for a small part of what they have asked', async () => {
    const broker = await LiveBroker.start({ 'max.connections.per.ip': 1000 });
    const sockets: Socket[] = [];
    const open = (sent: Buffer, onData: (bytes: number) => void): void => {
      const socket = connect({ port: broker.port, host: '127.0.0.1', noDelay: true });
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => onData(chunk.length));
      if (sent.length > 0) socket.write(sent);
    };
    try {
      await broker.createTopic('wide', {}, PARTITIONS);
      const question = requestOf(Metadata, 0, { topics: [] });
      const asker = await broker.connect();
      asker.send(question);
      const answerBytes = 4 + ((await asker.next()) as Buffer).length;
      asker.destroy();

      let answeredBytes = 0;
      const questions = Buffer.concat(Array.from({ length: QUESTIONS }, () => question));
      for (let count = 0; count < GREEDY; count++) open(questions, (bytes) => (answeredBytes += bytes));
      for (let count = 0; count < IDLE; count++) open(Buffer.alloc(0), () => undefined);
      await new Promise<void>((resolve) => open(requestOf(ApiVersions, 0, {}), () => resolve()));
      const answered = Math.round(answeredBytes / answerBytes);
      // A quarter where the machine is idle, a little more where it is not; all of them where no arrival is waited for.
      expect(answered, `of ${GREEDY * QUESTIONS} answers`).to.be.below((GREEDY * QUESTIONS) / 3);
    } finally {
      for (const socket of sockets) socket.destroy();
      await broker.close();
    }
  });
});
