// Configs from the environment, in the two dialects that images of Kafka know: `KAFKA_LOG_DIRS` (Apache, Confluent) and
// `KAFKA_CFG_LOG_DIRS` (Bitnami).

/**
 * The keys that the variables set. A key's `.` is written `_`, its `_` as `__` and its `-` as `___`, all in capitals.
 * Variables that name no key (`KAFKA_HEAP_OPTS`, `KAFKA_VERSION` …) are left out: environments carry many of those.
 * Where both dialects name a key, `KAFKA_` wins over `KAFKA_CFG_`.
 */
export function configsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  isKnown: (key: string) => boolean,
): Map<string, string> {
  const entries = new Map<string, string>();
  for (const prefix of ['KAFKA_CFG_', 'KAFKA_']) {
    for (const [name, value] of Object.entries(environment)) {
      if (value === undefined || !name.startsWith(prefix)) continue;
      const key = keyOf(name.slice(prefix.length));
      if (key !== undefined && isKnown(key)) entries.set(key, value);
    }
  }
  return entries;
}

/** The variable that sets `key`: of the two dialects the one that wins. */
export function variableOf(environment: Readonly<Record<string, string | undefined>>, key: string): string | undefined {
  const names = Object.keys(environment).filter((name) => environment[name] !== undefined);
  const namesKey = (prefix: string) => (name: string) =>
    name.startsWith(prefix) && keyOf(name.slice(prefix.length)) === key;
  return names.findLast(namesKey('KAFKA_')) ?? names.findLast(namesKey('KAFKA_CFG_'));
}

const underscores: readonly string[] = ['', '.', '_', '-'];

function keyOf(name: string): string | undefined {
  let isKey = true;
  const key = name.toLowerCase().replace(/_+/g, (run) => {
    isKey &&= run.length < underscores.length;
    return underscores[run.length] ?? run;
  });
  return isKey ? key : undefined;
}
