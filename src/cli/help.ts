// What `--help` prints: one screen each.

export const helpText = `Ottla: a broker that speaks the Apache Kafka protocol, and one command line for any Kafka.

Usage: ottla <command> [flags]          \`ottla <command> --help\` tells more of each

  start             Run a broker                 dev              One with a registry, to play with
  format            Directories of a node        info, random-uuid  Whose they are; an id for one
  topic             Make, show, change topics    produce, consume   Write and read records
  group, share, streams  Groups and their lag    producer, consumer The same, a line a record
  cluster, config   The cluster; its configs     acl, user, quota, token  Who may do what
  txn, log          Transactions; log files      registry           Schemas; or run a registry
  doctor            What is wrong, and why       bench              How fast it is
  apply             Topics as a file says        profile            Clusters by name
  cat               kcat, with its flags         completion         For bash, zsh, fish
  kafka-TOOL        Kafka's own tools            shims DIR          kafka-topics.sh and the others
  wire-dump         A frame in hexadecimal as JSON; a response needs --response API[:VERSION]

  --brokers HOST:PORT                    Where the cluster is (OTTLA_BROKERS, 127.0.0.1:9092)
  --command-config FILE, -X KEY=VALUE    How to get in: Kafka's client.properties
  --json, --format json|yaml|text|wide   In what form answers come
  --version, --help                      Print the version; print this

Example: npx ottla dev         then         echo hello | ottla producer greetings
`;

export const startHelpText = `Usage: ottla start [flags]

  --host HOST          Listen on this address, and tell clients so   (127.0.0.1)
  --port PORT          Listen on this port; 0 picks a free one       (9092)
  --metrics-port PORT  Tell metrics and health there, on 127.0.0.1 (none)
  --registry           Run a schema registry beside the broker, on 127.0.0.1:8081
  --registry-port PORT, --registry-config FILE   Its port; how it logs in (client.properties)
  --data DIR           Keep topics in this directory                 (./kafka-data)
  --nodes N            Run a cluster of N nodes in this process, on the ports from PORT on
  --threads            Each of them in a thread of its own, for machines with more cores
  --memory             Keep nothing: the same as --durability memory
  --durability LEVEL   What an acknowledgement promises              (page-cache)
                         memory      nothing: all is gone when the broker stops
                         page-cache  survives a crash of the broker, not of the machine
                         fsync       survives a crash of the machine
  --config FILE        Read a server.properties file
  --set KEY=VALUE      Set a Kafka configuration key; may be repeated
  --log-format FORMAT  Log lines for people or programs: pretty, json (pretty)
  --json, --quiet      One line of JSON when listening; no screen, warnings only
  --help               Print this

Flags win over --set, --set over KAFKA_* variables (KAFKA_NUM_PARTITIONS=3), those over
the file, the file over the defaults. The variable CLUSTER_ID names a new cluster.
SIGTERM and SIGINT (Ctrl+C) stop the broker cleanly.
`;

export const formatHelpText = `Usage: ottla format --cluster-id ID --config FILE [flags]

  --cluster-id, -t ID            The same on every node; \`ottla random-uuid\` makes one
  --config, -c FILE              The server.properties of the node
  --standalone, -s               This node is the first and only voter
  --initial-controllers, -I ID@HOST:PORT:DIRECTORY,...
                                 These are the first voters; the same list on every node
  --no-initial-controllers, -N   The voters are found by controller.quorum.bootstrap.servers
  --release-version, -r VERSION  The metadata.version, and the features that came with it
  --feature, -f NAME=LEVEL       The level of one feature; may be repeated
  --add-scram, -S USER           A user: 'SCRAM-SHA-256=[name=alice,password=PASSWORD]'; may be repeated
  --ignore-formatted, -g         Leave alone what is formatted, instead of refusing
  --help                         Print this

With controller.quorum.voters in the file none of -s, -I and -N is needed. The flags are those of kafka-storage, and what is
written is the same: either tool formats for either broker. A node alone needs no format: \`ottla start\` does it.
`;
