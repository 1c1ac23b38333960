/*
 * End-to-end latency: a producer sends records at a steady rate, a consumer in the same process takes the time from the
 * call that produced a record to the call that delivered it. librdkafka both ends, linger 0, acks=1, long-poll fetch,
 * one partition, no group.
 *
 *   latency BOOTSTRAP TOPIC RATE SECONDS WARMUP_SECONDS      prints: count p50 p99 p99.9 max (ms)
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "rdkafka.h"

enum { VALUE = 100 };

static const char *bootstrap, *topic_name;
static int rate, total, warmup;
static double *milliseconds;
static int measured;
static volatile int consuming;

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void check(int failed, const char *what) {
  if (failed) { fprintf(stderr, "%s\n", what); exit(1); }
}

static rd_kafka_t *client(rd_kafka_type_t type) {
  char error[256];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, error, sizeof error);
  rd_kafka_conf_set(conf, "broker.address.family", "v4", error, sizeof error);
  rd_kafka_conf_set(conf, "log_level", "3", error, sizeof error);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set(conf, "linger.ms", "0", error, sizeof error);
  rd_kafka_t *rk = rd_kafka_new(type, conf, error, sizeof error);
  check(rk == NULL, error);
  return rk;
}

static void *consume(void *unused) {
  (void)unused;
  rd_kafka_t *rk = client(RD_KAFKA_CONSUMER);
  rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, topic_name, NULL);
  check(rd_kafka_consume_start(topic, 0, RD_KAFKA_OFFSET_BEGINNING), "consume_start");
  consuming = 1;
  for (int seen = 0; seen < total;) {
    rd_kafka_message_t *message = rd_kafka_consume(topic, 0, 1000);
    if (message == NULL) continue;
    if (message->err == 0 && message->len == VALUE) {
      int64_t sent;
      memcpy(&sent, message->payload, sizeof sent);
      if (seen++ >= warmup) milliseconds[measured++] = (double)(now_ns() - sent) / 1e6;
    }
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consume_stop(topic, 0);
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(rk);
  return NULL;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
  check(argc != 6, "latency BOOTSTRAP TOPIC RATE SECONDS WARMUP_SECONDS");
  bootstrap = argv[1];
  topic_name = argv[2];
  rate = atoi(argv[3]);
  warmup = rate * atoi(argv[5]);
  total = warmup + rate * atoi(argv[4]);
  milliseconds = malloc(sizeof(double) * (size_t)total);
  pthread_t consumer;
  pthread_create(&consumer, NULL, consume, NULL);
  while (!consuming) nanosleep(&(struct timespec){0, 1000000}, NULL);
  rd_kafka_t *rk = client(RD_KAFKA_PRODUCER);
  char error[256];
  rd_kafka_topic_conf_t *conf = rd_kafka_topic_conf_new();
  rd_kafka_topic_conf_set(conf, "acks", "1", error, sizeof error);
  rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, topic_name, conf);
  char value[VALUE] = {0};
  int64_t begin = now_ns();
  for (int i = 0; i < total; i++) {
    int64_t due = begin + (int64_t)i * 1000000000LL / rate;
    struct timespec at = {due / 1000000000LL, due % 1000000000LL};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
    int64_t sent = now_ns();
    memcpy(value, &sent, sizeof sent);
    check(rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, value, VALUE, NULL, 0, NULL), "produce");
    rd_kafka_poll(rk, 0);
  }
  rd_kafka_flush(rk, 10000);
  pthread_join(consumer, NULL);
  qsort(milliseconds, (size_t)measured, sizeof(double), ascending);
  printf("%d %.3f %.3f %.3f %.3f\n", measured, milliseconds[measured / 2], milliseconds[(int)(measured * 0.99)],
         milliseconds[(int)(measured * 0.999)], milliseconds[measured - 1]);
  return 0;
}
