// The own commands that run on Ottla and on Apache Kafka, noun by noun and verb by verb, in this order, each as a process of its own.

export interface OwnForm {
  readonly words: readonly string[];
  readonly input?: string;
  /** Answers that come in no promised order: lines are sorted before they are compared. */
  readonly isUnordered?: boolean;
  /** Lines that are the broker's own business, by nature another one on each: left out on both sides. */
  readonly leftOut?: RegExp;
}

const form = (text: string, more: Partial<OwnForm> = {}): OwnForm => ({
  words: text.split(' ').filter((word) => word !== ''),
  ...more,
});

const UNORDERED = { isUnordered: true } as const;

const TOPICS: readonly OwnForm[] = [
  form('topic create one two -p 2 -c retention.ms=5000 -c cleanup.policy=compact'),
  form('topic create one'),
  form('topic create one --if-not-exists'),
  form('topic create bad/name'),
  form('topic create x -r 3'),
  form('topic create zero -p 0'),
  form('topic create x -c no.such=1'),
  form('topic create x -c retention.ms=x'),
  form('topic create dry -d'),
  form('topic create single -p 1'),
  form('topic list'),
  form('topic list one two --json'),
  form('topic list -r t.* --format yaml'),
  form('topic list -d'),
  form('topic list -i'),
  form('topic describe one'),
  form('topic describe one -c --json'),
  form('topic describe one -p --stable'),
  form('topic describe one two -a --format wide'),
  form('topic describe nowhere'),
  form('topic add-partitions two -n 1'),
  form('topic add-partitions two -n 1 -d'),
  form('topic add-partitions nowhere -n 1'),
  form('topic alter-config one -s retention.ms=9000 -d cleanup.policy'),
  form('topic alter-config one --append cleanup.policy=compact --json'),
  form('topic alter-config one --subtract cleanup.policy=compact'),
  form('topic alter-config one -s retention.ms=x'),
  form('topic alter-config nowhere -s retention.ms=1 --dry'),
  form('topic describe one -c'),
];

const RECORDS: readonly OwnForm[] = [
  form('produce single', { input: 'a\nb\nc\n' }),
  form('produce single -f %k:%v\\n -H h:1 -z gzip -o %t/%p@%o\\n', { input: 'k:v\nk:w\n' }),
  form('produce single -Z -k gone -z zstd', { input: '\n' }),
  form('produce single -p 7 --delivery-timeout 1s', { input: 'x\n' }),
  form('produce nowhere --delivery-timeout 1s', { input: 'x\n' }),
  form('produce made-by-record --allow-auto-topic-creation -p 0', { input: 'x\n' }),
  form('produce single --acks 1 -p 0', { input: 'last\n' }),
  form('producer single --key-separator :', { input: 'x:1\nplain\n' }),
  form('consume single -o :end -f %o|%p|%k|%v|%H|%h{%k=%v}|%e|%x|%y|%a{compression}|%a{timestamp-type}|%[|%||%]\\n'),
  form('consume single -o :end --json'),
  form('consume single -n 2 --pretty-print false'),
  form('consume single -o 1:3 -f %v\\n'),
  form('consume single -o -2 -n 2 -f %v\\n'),
  form('consume single --from -1h --until end -f %v\\n --meta-only'),
  form('consume single --from 2020-01-01 --until 2020-01-02'),
  form('consume single -o :end --read-committed --where offset>3 -f %o\\n'),
  form('consume single -g readers -n 3 -f %v\\n'),
  form('consume single -g readers -n 1 -f %v\\n'),
  form('consume nowhere --timeout 2000'),
  form('consume single -p 9 -o :end'),
  form('consumer -t single --from-beginning -n 4'),
  form('topic trim-prefix single -o 2 --no-confirm'),
  form('topic trim-prefix single -o 99 --no-confirm --json'),
  form('topic trim-prefix nowhere -o 2 --no-confirm'),
  form('cat -L -b $B -t single'),
  form('cat -C -b $B -t single -e -q -f %o:%k:%s\\n -F none'),
  form('cat -Q -b $B -t single:0:-1 -F none'),
];

const GROUPS: readonly OwnForm[] = [
  form('group list'),
  form('group list --json -t classic,consumer -s empty'),
  form('group describe readers'),
  form('group describe readers -c --json'),
  form('group describe readers -t'),
  form('group describe -r read.* -s'),
  form('group describe missing'),
  form('group seek readers --to start'),
  form('group seek readers --to end --json'),
  form('group seek readers --to @0 --dry'),
  form('group seek fresh --to start --topics single'),
  form('group seek fresh --to start --topics single --allow-new-topics'),
  form('group seek other --to-group readers --allow-new-topics --json'),
  form('group offset-delete other -t single:0'),
  form('group offset-delete missing -t single:0'),
  form('group delete fresh other'),
  form('group delete missing'),
  form('share list'),
  form('share describe missing'),
  form('share seek workers --to start --topics single'),
  form('share seek workers --to end --topics single --json'),
  form('share seek workers --to start --topics nowhere'),
  form('share list --json'),
  form('share describe workers'),
  form('share offset-delete workers -t single'),
  form('share delete workers'),
  form('share delete missing'),
];

/** Sizes of what a log has, and how many files a topic of the broker has, are each broker's own. */
const SIZES = {
  leftOut: /__consumer_offsets|__share_group_state|__transaction_state|__cluster_metadata|TOTAL/,
} as const;

const CLUSTER: readonly OwnForm[] = [
  form('cluster info'),
  form('cluster info -b --json'),
  form('cluster info -t -i', UNORDERED),
  form('cluster health'),
  form('cluster health --json'),
  form('cluster quorum --json', { leftOut: /./ }),
  form('cluster logdirs --aggregate-into topic --topics one,two', SIZES),
  form('cluster logdirs --topics nowhere'),
  form('doctor', { leftOut: /./ }),
  form('config get --topic one'),
  form('config get --topic one retention.ms segment.bytes --json'),
  form('config get --topic one --all', UNORDERED),
  form('config get --topic one no.such'),
  form('config get --topic nowhere'),
  form('config get --group readers'),
  form('config set --topic one retention.ms=77'),
  form('config set --topic one no.such=1'),
  form('config set --topic one retention.ms=x --json'),
  form('config delete --topic one retention.ms'),
  form('config delete --topic one no.such'),
  form('config set --broker 0 log.cleaner.threads=2'),
  form('config get --broker 0 log.cleaner.threads'),
  form('config set --broker 0 broker.id=7'),
  form('config delete --broker 0 log.cleaner.threads'),
  form('config set --group readers consumer.session.timeout.ms=50000'),
  form('config get --group readers'),
  form('config set --client-metrics m interval.ms=1000'),
  form('config get --client-metrics m'),
  form('config resources', UNORDERED),
];

const SECURITY: readonly OwnForm[] = [
  form('acl create --topic one,two --operation read,write --allow-principal alice'),
  form(
    'acl create --topic p- --resource-pattern-type prefixed --operation all --deny-principal mallory --deny-host 1.1.1.1',
  ),
  form('acl create --topic one'),
  form('acl create --topic one --operation idempotentwrite --allow-principal alice'),
  form('acl list', UNORDERED),
  form('acl list --topic one --json', UNORDERED),
  form('acl list --topic p-x --resource-pattern-type match'),
  form('acl delete --topic one --no-confirm', UNORDERED),
  form('acl delete --topic one --no-confirm'),
  form('acl delete --topic two -d', UNORDERED),
  form('user create alice -p secret'),
  form('user create alice -p secret --iterations 5000 --mechanism scram-sha-512'),
  form('user list'),
  form('user update alice --password-stdin', { input: 'other\n' }),
  form('user delete alice --mechanism scram-sha-512'),
  form('user list --json'),
  form('user delete alice'),
  form('user delete nobody'),
  form('quota alter --name user=alice --add producer_byte_rate=1024 --add request_percentage=50'),
  form('quota alter --name user=alice --name client-id=app --add consumer_byte_rate=7000000'),
  form('quota alter --default client-id --add consumer_byte_rate=9000000'),
  form('quota alter --name user=alice --add no_such=1'),
  form('quota describe', UNORDERED),
  form('quota describe --name user=alice --strict'),
  form('quota describe --any user --json', UNORDERED),
  form('quota alter --name user=alice --delete producer_byte_rate --dry'),
  form('quota alter --name user=alice --delete producer_byte_rate --delete request_percentage'),
  form('quota describe --name user=alice', UNORDERED),
  form('token create'),
  form('token list'),
  form('token renew AAAA'),
  form('token expire AAAA'),
];

const TRANSACTIONS: readonly OwnForm[] = [
  form('topic create txn -p 1'),
  form('cat -P -b $B -t txn -p 0 -q -F none -X transactional.id=tx-1', { input: 'a\n' }),
  form('txn list'),
  form('txn list --states ongoing --json'),
  form('txn describe tx-1'),
  form('txn describe'),
  form('txn describe no-such'),
  form('txn describe-producers txn --json'),
  form('txn describe-producers nowhere'),
  form('txn abort-hanging txn 0 0 --no-confirm'),
  form('txn abort tx-1 --no-confirm'),
  form('txn abort no-such --no-confirm', { leftOut: /./ }),
  form('consume txn -o :end --read-committed -f %x|%y|%a{transactional-bit}\\n'),
];

const APPLY: readonly OwnForm[] = [
  form('apply -f - --check', { input: 'topics:\n  one:\n    partitions: 3\n  made:\n    partitions: 2\n' }),
  form('apply -f - --no-confirm', { input: 'topics:\n  one:\n    partitions: 3\n  made:\n    partitions: 2\n' }),
  form('apply -f - --no-confirm', { input: 'topics:\n  one:\n    partitions: 3\n  made:\n    partitions: 2\n' }),
  form('apply -f - --check', { input: 'topics:\n  one:\n    partitions: 1\n' }),
  form('topic delete -r t.*'),
  form('topic delete nowhere'),
  form('topic list'),
];

export const OWN_FORMS: readonly OwnForm[] = [
  ...TOPICS,
  ...RECORDS,
  ...GROUPS,
  ...CLUSTER,
  ...SECURITY,
  ...TRANSACTIONS,
  ...APPLY,
];
