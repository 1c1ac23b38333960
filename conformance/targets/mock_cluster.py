"""librdkafka's mock cluster (rd_kafka_mock) as a program of its own, out of the library that confluent-kafka-python carries.

Prints one line of JSON: where its broker listens, and where it makes a topic for each line "NAME PARTITIONS", which it
answers with librdkafka's error code; the cluster serves no CreateTopics. Ends when its standard input does. Arguments are
broker configs, as KEY=VALUE, of which it knows those below.
"""

import ctypes
import glob
import json
import os
import socketserver
import sys
import threading

import confluent_kafka

# RD_KAFKA_PRODUCER: of what kind the handle is does not matter, it is never used.
PRODUCER = 0
BROKERS = 1
EARLIEST = 1

SETTERS = {
    "group.consumer.session.timeout.ms": "rd_kafka_mock_set_group_consumer_session_timeout_ms",
    "group.consumer.heartbeat.interval.ms": "rd_kafka_mock_set_group_consumer_heartbeat_interval_ms",
    "group.share.session.timeout.ms": "rd_kafka_mock_sharegroup_set_session_timeout",
    "group.share.heartbeat.interval.ms": "rd_kafka_mock_sharegroup_set_heartbeat_interval",
}


def load():
    # The import above has loaded what the library itself needs.
    packages = os.path.dirname(os.path.dirname(confluent_kafka.__file__))
    (path,) = glob.glob(os.path.join(packages, "confluent_kafka.libs", "librdkafka-*.so*"))
    library = ctypes.CDLL(path)
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
        getattr(library, name).restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    library.rd_kafka_new.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    library.rd_kafka_mock_cluster_new.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.rd_kafka_mock_cluster_bootstraps.argtypes = [ctypes.c_void_p]
    library.rd_kafka_mock_topic_create.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int]
    return library


def configure(library, cluster, configs):
    for config in configs:
        key, value = config.split("=", 1)
        if key in SETTERS:
            getattr(library, SETTERS[key])(ctypes.c_void_p(cluster), int(value))
    # Groups have no configs of their own there; those of the checks begin at the start.
    library.rd_kafka_mock_sharegroup_set_auto_offset_reset(ctypes.c_void_p(cluster), EARLIEST)


def main():
    library = load()
    error = ctypes.create_string_buffer(512)
    handle = library.rd_kafka_new(PRODUCER, library.rd_kafka_conf_new(), error, len(error))
    if not handle:
        sys.exit(error.value.decode())
    cluster = library.rd_kafka_mock_cluster_new(handle, BROKERS)
    configure(library, cluster, sys.argv[1:])

    class Topics(socketserver.StreamRequestHandler):
        def handle(self):
            for line in self.rfile:
                name, partitions = line.split()
                code = library.rd_kafka_mock_topic_create(cluster, name, int(partitions), BROKERS)
                self.wfile.write(b"%d\n" % code)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Topics)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    bootstrap = library.rd_kafka_mock_cluster_bootstraps(cluster).decode()
    print(json.dumps({"bootstrap": bootstrap, "topicsAt": "127.0.0.1:%d" % server.server_address[1]}), flush=True)
    sys.stdin.read()


main()
