// Broker configs that take effect while the broker runs, each seen from outside.

import { same, that } from '../../suite.ts';
import { type Session, type Steps, TOOLS } from './session.ts';

const ALL = ['--entity-type', 'brokers', '--entity-default'];
const ONE = ['--entity-type', 'brokers', '--entity-name', '0'];

/** Sets configs, lets `body` see them, and takes them away again. */
async function having(s: Session, where: readonly string[], config: string, body: () => Promise<void>): Promise<void> {
  await s.configs('--alter', ...where, '--add-config', config);
  try {
    await body();
  } finally {
    const names = config.split(',').map((pair) => pair.split('=')[0]);
    await s.configs('--alter', ...where, '--delete-config', names.join(','));
  }
}

const quick = ['delivery.timeout.ms=4000', 'request.timeout.ms=1500', 'linger.ms=0'];
const QUICK = quick.flatMap((property) => ['--command-property', property]);

export const DYNAMIC_CONFIGS: Steps = {
  'dynamic message.max.bytes': async (s) => {
    await s.topics('--create', '--topic', 'sized', '--partitions', '1');
    await having(s, ALL, 'message.max.bytes=3000', async () => {
      const args = ['--topic', 'sized', ...QUICK];
      await s.refused(`${TOOLS}.ConsoleProducer`, args, /RecordTooLargeException/, `${'x'.repeat(5_000)}\n`);
      await s.produce('sized', ['small']);
    });
    await s.produce('sized', ['x'.repeat(5_000)]);
    same(await s.offsets('--topic', 'sized'), ['sized:0:2'], 'offsets');
  },
  'dynamic log.message.timestamp.type': async (s) => {
    await s.topics('--create', '--topic', 'stamped', '--partitions', '1');
    await s.produce('stamped', ['by the client']);
    await having(s, ONE, 'log.message.timestamp.type=LogAppendTime', () => s.produce('stamped', ['by the log']).then());
    const read = await s.consume('stamped', 0, 2, '--formatter-property', 'print.timestamp=true');
    that(
      /^CreateTime:\d+\tby the client$/.test(read[0] ?? '') && /^LogAppendTime:\d+\tby the log$/.test(read[1] ?? ''),
      read.join(),
    );
  },
  'dynamic log.retention.bytes, log.segment.bytes in the configs of topics': async (s) =>
    having(s, ALL, 'log.retention.bytes=7000000,log.segment.bytes=2000000', async () => {
      const text = await s.configs('--describe', '--all', '--entity-type', 'topics', '--entity-name', 'made');
      that(text.includes('DYNAMIC_DEFAULT_BROKER_CONFIG:log.retention.bytes=7000000'), text);
      that(/segment\.bytes=2000000 sensitive=false/.test(text), text);
    }),
  'dynamic config of one broker before that of all': async (s) =>
    having(s, ALL, 'log.retention.ms=1111111', () =>
      having(s, ONE, 'log.retention.ms=2222222', async () => {
        const text = await s.configs('--describe', '--all', ...ONE);
        const line = text.split('\n').find((each) => each.trim().startsWith('log.retention.ms=')) ?? '';
        that(line.includes('log.retention.ms=2222222'), line);
        const order =
          /DYNAMIC_BROKER_CONFIG:log\.retention\.ms=2222222, DYNAMIC_DEFAULT_BROKER_CONFIG:log\.retention\.ms=1111111/;
        that(order.test(line), line);
      }),
    ),
  'min.insync.replicas above the number of replicas': async (s) => {
    await s.topics('--create', '--topic', 'two-of-one', '--partitions', '1', '--config', 'min.insync.replicas=2');
    await s.produce('two-of-one', ['written']);
    same(await s.consume('two-of-one', 0, 1), ['written'], 'record');
  },
};
