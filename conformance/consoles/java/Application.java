import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What runs on the cluster that a console looks at: a producer, and a group of two consumers that commit. */
final class Application implements AutoCloseable {
    static final int RECORDS = 90;
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch assigned = new CountDownLatch(2);
    private volatile boolean stopped = false;

    static Properties client(String bootstrap) {
        Properties properties = new Properties();
        properties.put("bootstrap.servers", bootstrap);
        return properties;
    }

    static KafkaConsumer<byte[], byte[]> consumer(String bootstrap, String... settings) {
        Properties properties = client(bootstrap);
        properties.put("key.deserializer", ByteArrayDeserializer.class.getName());
        properties.put("value.deserializer", ByteArrayDeserializer.class.getName());
        for (int i = 0; i < settings.length; i += 2) properties.put(settings[i], settings[i + 1]);
        return new KafkaConsumer<>(properties);
    }

    static KafkaProducer<byte[], byte[]> producer(String bootstrap) {
        Properties properties = client(bootstrap);
        properties.put("key.serializer", ByteArraySerializer.class.getName());
        properties.put("value.serializer", ByteArraySerializer.class.getName());
        return new KafkaProducer<>(properties);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Writes {@link #RECORDS} records in turn to the three partitions of the topic, each with a header. */
    static void write(String bootstrap, String topic) {
        try (KafkaProducer<byte[], byte[]> producer = producer(bootstrap)) {
            for (int i = 0; i < RECORDS; i++) {
                ProducerRecord<byte[], byte[]> record =
                    new ProducerRecord<>(topic, i % 3, bytes("key " + i), bytes("value " + i));
                record.headers().add("number", bytes(Integer.toString(i)));
                producer.send(record);
            }
        }
    }

    /** Two members read all that there is and stay. Returns when both have partitions. */
    void join(String bootstrap, String group, String topic) throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            String clientId = "application-" + i;
            Thread thread = new Thread(() -> member(bootstrap, group, topic, clientId), clientId);
            threads.add(thread);
            thread.start();
        }
        assigned.await();
    }

    private void member(String bootstrap, String group, String topic, String clientId) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrap, "group.id", group, "client.id", clientId,
            "auto.offset.reset", "earliest", "enable.auto.commit", "false")) {
            consumer.subscribe(List.of(topic));
            boolean counted = false;
            while (!stopped) {
                if (!consumer.poll(Duration.ofMillis(100)).isEmpty()) consumer.commitSync();
                boolean isShared = !consumer.assignment().isEmpty() && consumer.assignment().size() < 3;
                if (isShared && !counted) {
                    counted = true;
                    assigned.countDown();
                }
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) thread.join();
        threads.clear();
    }
}
