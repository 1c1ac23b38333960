/*
 * Transactions one after another: begin, produce so many records, commit. librdkafka with its defaults, one partition.
 *
 *   transactions BOOTSTRAP TOPIC TRANSACTIONS RECORDS_EACH VALUE_BYTES      prints: transactions per second
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "rdkafka.h"

enum { TIMEOUT_MS = 60000 };

static double now_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(rd_kafka_error_t *error, const char *what) {
  if (error == NULL) return;
  fprintf(stderr, "%s: %s\n", what, rd_kafka_error_string(error));
  exit(1);
}

static void set(rd_kafka_conf_t *conf, const char *name, const char *value) {
  char error[256];
  if (rd_kafka_conf_set(conf, name, value, error, sizeof error) == RD_KAFKA_CONF_OK) return;
  fprintf(stderr, "%s\n", error);
  exit(1);
}

static void transaction(rd_kafka_t *rk, const char *topic, int records, const char *value, size_t size) {
  check(rd_kafka_begin_transaction(rk), "begin");
  for (int i = 0; i < records;) {
    rd_kafka_resp_err_t error = rd_kafka_producev(
        rk, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(0), RD_KAFKA_V_VALUE((void *)value, size), RD_KAFKA_V_END);
    if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      rd_kafka_poll(rk, 10);
    } else if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      fprintf(stderr, "produce: %s\n", rd_kafka_err2str(error));
      exit(1);
    } else {
      i++;
    }
  }
  check(rd_kafka_commit_transaction(rk, TIMEOUT_MS), "commit");
}

int main(int argc, char **argv) {
  char error[256], id[64];
  if (argc != 6) return 2;
  int transactions = atoi(argv[3]), records = atoi(argv[4]);
  size_t size = (size_t)atoi(argv[5]);
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  snprintf(id, sizeof id, "bench-%s", argv[2]);
  set(conf, "bootstrap.servers", argv[1]);
  set(conf, "broker.address.family", "v4");
  set(conf, "log_level", "3");
  set(conf, "transactional.id", id);
  set(conf, "linger.ms", "0");
  rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (rk == NULL) { fprintf(stderr, "%s\n", error); return 1; }
  char *value = malloc(size);
  memset(value, 'x', size);
  check(rd_kafka_init_transactions(rk, TIMEOUT_MS), "init");
  /* The coordinator and the partition have been found, and the code is warm. */
  for (int i = 0; i < 5; i++) transaction(rk, argv[2], records, value, size);
  double started = now_seconds();
  for (int i = 0; i < transactions; i++) transaction(rk, argv[2], records, value, size);
  printf("%.2f\n", transactions / (now_seconds() - started));
  rd_kafka_destroy(rk);
  return 0;
}
