// Writes docs/configs.md from the declarations: every broker config of Apache Kafka, what it is by default and what setting
// it does here, then our own. A test holds the page to it.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Effect } from '../src/broker/configs/config-effects.ts';
import { effectOf, isInternalKey, isOwnKey, kafkaKeys } from '../src/broker/configs/kafka-keys.ts';
import { declaredKeys } from '../src/broker/configs/room-configs.ts';
import { type ConfigKey, formatValue } from '../src/runtime/index.ts';

const PAGE = new URL('../docs/configs.md', import.meta.url);

const HEAD = `# Broker configs

Written by \`npx tsx scripts/configs-page.ts\`; a test holds it to the declarations. Keys, defaults and bounds are those of
Apache Kafka 4.3.1, but for \`node.id\`, \`process.roles\`, \`listeners\` and \`controller.listener.names\`, which suit a
single node. A key is set by \`--set KEY=VALUE\`, a variable (\`KAFKA_NUM_PARTITIONS\`), or a \`server.properties\` file.

A key that **acts** is seen to by a test that looks at the broker from outside with two values of it. One that acts **among nodes** is seen by the tests of
clusters. One that **waits**
will act once the feature is served: set to something else than its default it costs a warning at the start. One that says
**no** steers what this broker does not have, and costs a warning whenever it is set. *Dynamic* keys may change while the
broker runs, for all brokers or for one.
`;

const keyOf = (name: string): ConfigKey => declaredKeys().get(name) as ConfigKey;

const DYNAMIC = { 'read-only': '', 'cluster-wide': 'all', 'per-broker': 'one' };

function effectCell(effect: Effect): string {
  if (effect.kind === 'acts' || effect.kind === 'among nodes') return effect.kind;
  return effect.kind === 'waits' ? `waits: ${effect.feature}` : `no: ${effect.why}`;
}

function row(name: string): string {
  const key = keyOf(name);
  const value = formatValue(key, key.defaultValue);
  const cells = [
    `\`${name}\``,
    value === null ? '' : value === '' ? 'empty' : `\`${value}\``,
    DYNAMIC[key.scope],
    effectCell(effectOf(name)),
    key.documentation,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function table(names: readonly string[]): string {
  return ['| key | default | dynamic | effect | what it is for |', '|---|---|---|---|---|', ...names.map(row)].join(
    '\n',
  );
}

export function configsPage(): string {
  const kafkas = [...kafkaKeys().keys()].filter((name) => !isInternalKey(name)).sort();
  const internals = [...kafkaKeys().keys()].filter(isInternalKey).sort();
  const own = [...declaredKeys().keys()].filter(isOwnKey).sort();
  const parts = [
    HEAD,
    table(kafkas),
    '\n## Internal to Apache Kafka\n\nNot shown by DescribeConfigs unless they are set.\n',
    table(internals),
    '\n## Our own\n\nNo configs of Kafka; shown by DescribeConfigs where they are set.\n',
    table(own),
  ];
  return `${parts.join('\n')}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) writeFileSync(PAGE, configsPage());
