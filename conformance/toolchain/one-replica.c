// Put in front of librdkafka (LD_PRELOAD) for those of its tests that make topics of three replicas: here is one broker.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

typedef void *(*constructor)(const char *, int, int, char *, size_t);

void *rd_kafka_NewTopic_new(const char *topic, int partitions, int replicas, char *error, size_t size) {
  constructor original = (constructor)dlsym(RTLD_NEXT, "rd_kafka_NewTopic_new");
  return original(topic, partitions, replicas > 1 ? 1 : replicas, error, size);
}
