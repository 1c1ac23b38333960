/*
 * The floor: the least that a program can do for a Kafka producer and consumer and still be called a broker.
 * Receive, CRC-32C, append to a file, answer; and for a consumer pread and send. One thread, no durability, no checks
 * beyond the checksum. It speaks just enough of the protocol for librdkafka: ApiVersions v0, Metadata v4, ListOffsets
 * v2, Produce v7, Fetch v11. Not a broker: it trusts every byte.
 *
 *   floor PORT DIRECTORY
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <nmmintrin.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 64, MAX_LOGS = 64, FRAME = 64 << 20, READ = 1 << 20 };

struct log {
  char name[250];
  int partition, file;
  int64_t end, bytes;
  int64_t (*batches)[2]; /* base offset, position */
  size_t count, room;
};

struct connection {
  int socket;
  size_t length;
  uint8_t *frame;
};

static struct log logs[MAX_LOGS];
static int log_count, port;
static const char *directory;
static uint8_t out[FRAME], chunk[READ];
static size_t out_length;

static void die(const char *what) { perror(what); exit(1); }

/* Writing an answer. */
static void put(const void *bytes, size_t size) { memcpy(out + out_length, bytes, size); out_length += size; }
static void put8(int v) { out[out_length++] = (uint8_t)v; }
static void put16(int v) { uint16_t x = htobe16((uint16_t)v); put(&x, 2); }
static void put32(int32_t v) { uint32_t x = htobe32((uint32_t)v); put(&x, 4); }
static void put64(int64_t v) { uint64_t x = htobe64((uint64_t)v); put(&x, 8); }
static void put_string(const char *s, int length) { put16(length); put(s, (size_t)length); }

/* Reading a request. */
static const uint8_t *in;
static int get16(void) { uint16_t x; memcpy(&x, in, 2); in += 2; return (int16_t)be16toh(x); }
static int32_t get32(void) { uint32_t x; memcpy(&x, in, 4); in += 4; return (int32_t)be32toh(x); }
static int64_t get64(void) { uint64_t x; memcpy(&x, in, 8); in += 8; return (int64_t)be64toh(x); }
static const char *get_string(int *length) {
  *length = get16();
  const char *s = (const char *)in;
  if (*length > 0) in += *length;
  return s;
}

static uint32_t crc32c(const uint8_t *bytes, size_t size) {
  uint64_t crc = 0xffffffff, word;
  for (; size >= 8; bytes += 8, size -= 8) { memcpy(&word, bytes, 8); crc = _mm_crc32_u64(crc, word); }
  for (; size > 0; bytes++, size--) crc = _mm_crc32_u8((uint32_t)crc, *bytes);
  return (uint32_t)crc ^ 0xffffffff;
}

static struct log *find_log(const char *name, int length, int partition) {
  for (int i = 0; i < log_count; i++)
    if (logs[i].partition == partition && !strncmp(logs[i].name, name, (size_t)length) && !logs[i].name[length]) return &logs[i];
  if (log_count == MAX_LOGS) { fprintf(stderr, "too many partitions\n"); exit(1); }
  struct log *log = &logs[log_count++];
  memcpy(log->name, name, (size_t)length);
  log->partition = partition;
  char path[600];
  snprintf(path, sizeof path, "%s/%.*s-%d.log", directory, length, name, partition);
  if ((log->file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644)) < 0) die(path);
  return log;
}

/* One batch: check it, give it its offset, append it. Returns the offset. */
static int64_t append(struct log *log, uint8_t *batch, int32_t size) {
  uint32_t stored;
  int32_t last;
  memcpy(&stored, batch + 17, 4);
  memcpy(&last, batch + 23, 4);
  if (crc32c(batch + 21, (size_t)size - 21) != be32toh(stored)) { fprintf(stderr, "wrong checksum\n"); exit(1); }
  int64_t base = log->end;
  uint64_t wire = htobe64((uint64_t)base);
  memcpy(batch, &wire, 8);
  if (log->count == log->room) {
    log->room = log->room ? log->room * 2 : 1024;
    log->batches = realloc(log->batches, log->room * sizeof *log->batches);
  }
  log->batches[log->count][0] = base;
  log->batches[log->count++][1] = log->bytes;
  if (write(log->file, batch, (size_t)size) != size) die("write");
  log->bytes += size;
  log->end += (int32_t)be32toh((uint32_t)last) + 1;
  return base;
}

static void produce(int version, int *acks) {
  int length;
  get_string(&length);
  *acks = get16();
  get32();
  int32_t topics = get32();
  put32(topics);
  while (topics-- > 0) {
    const char *name = get_string(&length);
    put_string(name, length);
    int32_t partitions = get32();
    put32(partitions);
    while (partitions-- > 0) {
      int partition = get32();
      int32_t size = get32();
      int64_t base = append(find_log(name, length, partition), (uint8_t *)in, size);
      in += size;
      put32(partition); put16(0); put64(base); put64(-1);
      if (version >= 5) put64(0);
    }
  }
  put32(0);
}

/* The batch that holds `offset`: the last one that begins at or before it. */
static int64_t position_of(struct log *log, int64_t offset) {
  size_t low = 0, high = log->count;
  while (high - low > 1) { size_t middle = (low + high) / 2; if (log->batches[middle][0] <= offset) low = middle; else high = middle; }
  return log->batches[low][1];
}

/* One partition, as a client that reads one partition asks. Headers first, then the file in steps of a megabyte. */
static void fetch(int socket) {
  int length;
  get32(); get32(); get32(); get32(); in += 1; get32(); get32();
  if (get32() < 1) { put32(0); put16(0); put32(0); put32(0); return; }
  const char *name = get_string(&length);
  get32();
  int partition = get32();
  get32();
  int64_t offset = get64();
  get64();
  int64_t max = get32();
  struct log *log = find_log(name, length, partition);
  int64_t from = offset < log->end ? position_of(log, offset) : log->bytes;
  int64_t size = log->bytes - from < max ? log->bytes - from : max;
  put32(0); put16(0); put32(0); put32(1); put_string(name, length); put32(1);
  put32(partition); put16(0); put64(log->end); put64(log->end); put64(0); put32(-1); put32(-1); put32((int32_t)size);
  uint32_t head = htobe32((uint32_t)(out_length - 4 + (size_t)size));
  memcpy(out, &head, 4);
  if (send(socket, out, out_length, size > 0 ? MSG_MORE : 0) < 0) return;
  while (size > 0) {
    ssize_t got = pread(log->file, chunk, size < READ ? (size_t)size : READ, from);
    if (got <= 0) die("pread");
    for (ssize_t done = 0, sent; done < got; done += sent)
      if ((sent = send(socket, chunk + done, (size_t)(got - done), 0)) < 0) return;
    from += got;
    size -= got;
  }
  out_length = 0;
}

static void list_offsets(void) {
  int length;
  get32(); in += 1;
  int32_t topics = get32();
  put32(0); put32(topics);
  while (topics-- > 0) {
    const char *name = get_string(&length);
    put_string(name, length);
    int32_t partitions = get32();
    put32(partitions);
    while (partitions-- > 0) {
      int partition = get32();
      int64_t timestamp = get64();
      put32(partition); put16(0); put64(-1);
      put64(timestamp == -2 ? 0 : find_log(name, length, partition)->end);
    }
  }
}

static void metadata(void) {
  int length;
  put32(0); put32(1); put32(0); put_string("127.0.0.1", 9); put32(port); put16(-1);
  put_string("floor", 5); put32(0);
  int32_t topics = get32();
  if (topics < 0) topics = 0;
  put32(topics);
  while (topics-- > 0) {
    const char *name = get_string(&length);
    put16(0); put_string(name, length); put8(0); put32(1);
    put16(0); put32(0); put32(0); put32(1); put32(0); put32(1); put32(0);
  }
}

static void api_versions(int version) {
  static const int apis[][3] = {{0, 3, 7}, {1, 4, 11}, {2, 1, 2}, {3, 1, 4}, {10, 0, 0}, {18, 0, 0}};
  put16(version > 0 ? 35 : 0);
  put32(sizeof apis / sizeof *apis);
  for (size_t i = 0; i < sizeof apis / sizeof *apis; i++) { put16(apis[i][0]); put16(apis[i][1]); put16(apis[i][2]); }
}

static void serve(struct connection *connection) {
  int length, acks = 1;
  in = connection->frame + 4;
  int key = get16(), version = get16();
  int32_t correlation = get32();
  get_string(&length);
  out_length = 4;
  put32(correlation);
  switch (key) {
    case 0: produce(version, &acks); break;
    case 1: fetch(connection->socket); break;
    case 2: list_offsets(); break;
    case 3: metadata(); break;
    case 18: api_versions(version); break;
    default: fprintf(stderr, "API %d\n", key); exit(1);
  }
  if (out_length == 0 || acks == 0) return;
  uint32_t size = htobe32((uint32_t)(out_length - 4));
  memcpy(out, &size, 4);
  if (send(connection->socket, out, out_length, 0) < 0) return;
}

/* Returns 0 when the client has gone. */
static int receive(struct connection *connection) {
  for (;;) {
    size_t wanted = 4;
    if (connection->length >= 4) {
      uint32_t size;
      memcpy(&size, connection->frame, 4);
      wanted = 4 + be32toh(size);
      if (wanted > FRAME) return 0;
      if (connection->length == wanted) {
        serve(connection);
        connection->length = 0;
        continue;
      }
    }
    ssize_t got = recv(connection->socket, connection->frame + connection->length, wanted - connection->length, MSG_DONTWAIT);
    if (got == 0) return 0;
    if (got < 0) return 1;
    connection->length += (size_t)got;
  }
}

int main(int argc, char **argv) {
  static struct connection connections[MAX_CONNECTIONS];
  static struct pollfd polled[MAX_CONNECTIONS + 1];
  if (argc != 3) { fprintf(stderr, "floor PORT DIRECTORY\n"); return 2; }
  port = atoi(argv[1]);
  directory = argv[2];
  int one = 1, count = 0, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 16)) die("listen");
  for (;;) {
    polled[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    for (int i = 0; i < count; i++) polled[i + 1] = (struct pollfd){.fd = connections[i].socket, .events = POLLIN};
    int watched = count;
    if (poll(polled, (nfds_t)watched + 1, -1) < 0) die("poll");
    if (polled[0].revents && count < MAX_CONNECTIONS) {
      int socket = accept(listener, NULL, NULL);
      setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      connections[count++] = (struct connection){.socket = socket, .frame = malloc(FRAME)};
    }
    for (int i = watched - 1; i >= 0; i--)
      if (polled[i + 1].revents && !receive(&connections[i])) {
        close(connections[i].socket);
        free(connections[i].frame);
        connections[i] = connections[--count];
      }
  }
}
