// What `ottla cat -h` prints.

export const catVersion = 'ottla cat: the flags and texts of kcat 1.7.1 (JSON, Transactions, IncrementalAssign)\n';

export const catHelp = `Usage: ottla cat <options> [file ... | topic ...]

Modes:
  -C  consume            -P  produce          -L  list metadata
  -Q  offsets by time    -G GROUP topic ...   consume as a member of a group; ^ begins a regular expression

All modes:
  -b HOST:PORT,...       where the cluster is
  -t TOPIC               the topic; with -Q TOPIC:PARTITION:MILLISECONDS, repeatable
  -p PARTITION           the partition
  -X NAME=VALUE          a setting of librdkafka; -X list, -X dump
  -F FILE                settings from a file (KCAT_CONFIG, ~/.config/kcat.conf)
  -m SECONDS             how long the cluster may take to answer (5)
  -q  say nothing        -v  say more         -V  version      -h  this
  -E                     go on after errors that can be gone on after

Consuming (-C, -G):
  -o WHERE               beginning, end, stored, N, -N (from the end), s@MS (from a time), e@MS (up to a time)
  -e                     stop at the end
  -c COUNT               stop after so many
  -f FORMAT              %s value  %S its length  %R its length as 4 bytes  %k key  %K its length  %t topic  %p partition
                         %o offset  %T time in ms  %h headers  %% percent  \\n \\r \\t \\xNN
  -J                     JSON, one object a record
  -D DELIMITER  -K DELIMITER   behind each record (\\n), between key and value (key left out)
  -s FORM, -s key=FORM, -s value=FORM   how keys and values are read: a pack string of < > b B h H i I q Q c s $,
                         or avro, protobuf, json with -r
  -r URL                 the schema registry
  -Z                     NULL in place of nothing

Producing (-P):
  -z none|gzip|snappy|lz4|zstd
  -D DELIMITER  -K DELIMITER   what ends a record of the input (\\n), what ends its key
  -k KEY                 the key of records without one
  -H NAME=VALUE          a header; repeatable
  -l                     records from a file, by line; without it each file is a record
  -T                     copy what is sent to standard output
  -Z                     empty values and keys are null
  -c COUNT               stop after so many
  -X transactional.id=ID   all in one transaction
`;
