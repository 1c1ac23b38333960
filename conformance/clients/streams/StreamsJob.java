// A Kafka Streams application of three parts that count what they read: words, sums in windows, orders joined with their customers.
//   feed BOOTSTRAP COUNT BASE SECONDS   creates the topics and writes COUNT records into each input, dated from BASE on (ms)
//   work BOOTSTRAP PROTOCOL GUARANTEE DIRECTORY THREADS   runs until it is killed
//   check BOOTSTRAP COUNT BASE SECONDS    waits until the outputs are what COUNT records of each input make, each counted once
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;

public final class StreamsJob {
  private static final int PARTITIONS = 4;
  private static final int WORDS = 50;
  private static final int KEYS = 20;
  private static final int CUSTOMERS = 100;
  private static final long STEP_MS = 10;
  private static final long WINDOW_MS = 10_000;
  private static final List<String> TOPICS =
      List.of("job-text", "job-events", "job-orders", "job-customers", "job-counts", "job-windows", "job-joined");

  public static void main(String[] args) throws Exception {
    String mode = args.length > 1 ? args[0] : "";
    switch (mode) {
      case "feed" -> feed(args[1], Integer.parseInt(args[2]), Long.parseLong(args[3]), Integer.parseInt(args[4]));
      case "work" -> work(args[1], args[2], args[3], args[4], args[5]);
      case "check" -> check(args[1], Integer.parseInt(args[2]), Long.parseLong(args[3]), Integer.parseInt(args[4]));
      default -> throw new IllegalArgumentException("feed, work or check");
    }
  }

  private static void feed(String bootstrap, int count, long baseMs, int seconds) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrap);
    try (Admin admin = Admin.create(properties)) {
      List<NewTopic> topics = new ArrayList<>();
      // As many replicas as the brokers' default.
      for (String topic : TOPICS) topics.add(new NewTopic(topic, Optional.of(PARTITIONS), Optional.empty()));
      admin.createTopics(topics).all().get();
    }
    properties.put("acks", "all");
    properties.put("enable.idempotence", "true");
    properties.put("linger.ms", "20");
    properties.put("delivery.timeout.ms", "600000");
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < CUSTOMERS; i++) send(producer, "job-customers", "c" + i, "name" + i, baseMs - 1);
      producer.flush();
      long startMs = System.currentTimeMillis();
      for (int i = 0; i < count; i++) {
        // Spread over the time that there is.
        long aheadMs = startMs + seconds * 1000L * i / count - System.currentTimeMillis();
        if (aheadMs > 20) Thread.sleep(aheadMs);
        long atMs = baseMs + i * STEP_MS;
        send(producer, "job-text", "line" + i, "word" + i % WORDS, atMs);
        send(producer, "job-events", "key" + i % KEYS, Integer.toString(i % 7), atMs);
        send(producer, "job-orders", "c" + i % CUSTOMERS, "o" + i, atMs);
      }
      producer.flush();
    }
    System.out.println("fed " + count);
  }

  private static void send(KafkaProducer<String, String> producer, String topic, String key, String value, long atMs) {
    producer.send(
        new ProducerRecord<>(topic, null, atMs, key, value),
        (done, error) -> {
          if (error == null) return;
          System.out.println("not written: " + error);
          System.exit(1);
        });
  }

  private static void work(String bootstrap, String protocol, String guarantee, String directory, String threads)
      throws Exception {
    Properties properties = new Properties();
    properties.put("application.id", "job");
    properties.put("bootstrap.servers", bootstrap);
    properties.put("group.protocol", protocol);
    properties.put("processing.guarantee", guarantee);
    properties.put("state.dir", directory);
    properties.put("num.stream.threads", threads);
    properties.put("commit.interval.ms", "200");
    properties.put("max.task.idle.ms", "2000");
    properties.put("consumer.auto.offset.reset", "earliest");
    if (protocol.equals("classic")) properties.put("consumer.session.timeout.ms", "6000");
    // A broker that is killed comes back.
    properties.put("task.timeout.ms", "600000");
    properties.put("producer.delivery.timeout.ms", "600000");
    KafkaStreams streams = new KafkaStreams(topology().build(), properties);
    streams.setUncaughtExceptionHandler(
        error -> {
          System.out.println("thread lost: " + error);
          return StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
        });
    streams.setStateListener((now, before) -> System.out.println("state " + now));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(10))));
    streams.start();
    Thread.currentThread().join();
  }

  private static StreamsBuilder topology() {
    StreamsBuilder builder = new StreamsBuilder();
    var strings = Serdes.String();
    var longs = Serdes.Long();
    var consumed = Consumed.with(strings, strings);
    var produced = Produced.with(strings, strings);
    builder.stream("job-text", consumed)
        .groupBy((line, word) -> word, Grouped.with("words", strings, strings))
        .count(Materialized.with(strings, longs))
        .toStream()
        .mapValues(count -> Long.toString(count))
        .to("job-counts", produced);
    builder.stream("job-events", consumed)
        .mapValues(value -> Long.parseLong(value))
        .groupByKey(Grouped.with("events", strings, longs))
        .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMillis(WINDOW_MS), Duration.ofDays(1)))
        .aggregate(() -> 0L, (key, value, sum) -> sum + value + 1, Materialized.with(strings, longs))
        .toStream()
        .map((window, sum) -> KeyValue.pair(window.key() + "@" + window.window().start(), Long.toString(sum)))
        .to("job-windows", produced);
    builder.stream("job-orders", consumed)
        .join(
            builder.table("job-customers", consumed),
            (order, customer) -> order + ":" + customer,
            Joined.with(strings, strings, strings))
        .to("job-joined", produced);
    return builder;
  }

  private static void check(String bootstrap, int count, long baseMs, int seconds) throws Exception {
    Map<String, Long> counts = new HashMap<>();
    Map<String, Long> windows = new HashMap<>();
    for (int i = 0; i < count; i++) {
      long atMs = baseMs + i * STEP_MS;
      counts.merge("word" + i % WORDS, 1L, Long::sum);
      windows.merge("key" + i % KEYS + "@" + atMs / WINDOW_MS * WINDOW_MS, (long) (i % 7) + 1, Long::sum);
    }
    Map<String, Long> counted = new HashMap<>();
    Map<String, Long> summed = new HashMap<>();
    Map<String, Integer> joined = new HashMap<>();
    Properties properties = new Properties();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("isolation.level", "read_committed");
    properties.put("auto.offset.reset", "earliest");
    long endMs = System.currentTimeMillis() + seconds * 1000L;
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (String topic : List.of("job-counts", "job-windows", "job-joined"))
        for (int i = 0; i < PARTITIONS; i++) partitions.add(new TopicPartition(topic, i));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      boolean isDone = false;
      int quiet = 0;
      while (System.currentTimeMillis() < endMs && quiet < 3) {
        for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
          quiet = 0;
          switch (record.topic()) {
            case "job-counts" -> counted.put(record.key(), Long.parseLong(record.value()));
            case "job-windows" -> summed.put(record.key(), Long.parseLong(record.value()));
            default -> joined.merge(record.value(), 1, Integer::sum);
          }
        }
        isDone = counted.equals(counts) && summed.equals(windows) && joined.size() == count;
        // What comes too often comes a little later.
        quiet = isDone ? quiet + 1 : 0;
      }
    }
    long doubled = joined.values().stream().filter(times -> times > 1).count();
    int strange = 0;
    for (int i = 0; i < count; i++) if (!joined.containsKey("o" + i + ":name" + i % CUSTOMERS)) strange++;
    report("words", counts, counted);
    report("windows", windows, summed);
    System.out.println("joined " + joined.size() + " of " + count + ", missing " + strange + ", doubled " + doubled);
    boolean isRight = counted.equals(counts) && summed.equals(windows) && strange == 0 && doubled == 0;
    System.out.println(isRight ? "right" : "wrong");
    System.exit(isRight ? 0 : 1);
  }

  private static void report(String what, Map<String, Long> expected, Map<String, Long> found) {
    long sum = found.values().stream().mapToLong(Long::longValue).sum();
    long right = expected.values().stream().mapToLong(Long::longValue).sum();
    long wrong = expected.entrySet().stream().filter(one -> !one.getValue().equals(found.get(one.getKey()))).count();
    System.out.println(what + ": sum " + sum + " of " + right + ", " + wrong + " of " + expected.size() + " wrong");
  }
}
