import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.config.ConfigResource;

/** The calls that AKHQ's screens make: a Java AdminClient with its default options, and consumers without a group. */
final class Akhq {
    private static final String TOPIC = "akhq.orders";
    private static final String GROUP = "akhq-readers";
    private final String bootstrap;
    private final Admin admin;
    private final Screen screen = new Screen("AKHQ");

    private Akhq(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = Admin.create(Application.client(bootstrap));
    }

    public static void main(String[] args) throws Exception {
        Akhq akhq = new Akhq(args[0]);
        try (akhq.admin; Application application = new Application()) {
            akhq.screen.show("nodes", akhq::nodes);
            akhq.screen.show("node configs", akhq::nodeConfigs);
            akhq.screen.show("topic creation", akhq::createTopic);
            Application.write(akhq.bootstrap, TOPIC);
            application.join(akhq.bootstrap, GROUP, TOPIC);
            akhq.screen.show("topic list", akhq::topics);
            akhq.screen.show("topic configs and their change (AlterConfigs)", akhq::topicConfigs);
            akhq.screen.show("node logs", akhq::logDirs);
            akhq.screen.show("topic data from the oldest, from an offset, from a time", akhq::data);
            akhq.screen.show("record production and deletion by key", akhq::produce);
            akhq.screen.show("group list and members", akhq::groups);
            akhq.screen.show("group offsets and lag", akhq::lag);
            application.close();
            akhq.screen.show("group offsets update", akhq::updateOffsets);
            akhq.screen.show("group offsets deletion by topic", akhq::deleteOffsets);
            akhq.screen.show("group deletion", akhq::deleteGroup);
            akhq.screen.show("more partitions", akhq::morePartitions);
            akhq.screen.show("topic emptied", akhq::emptyTopic);
            akhq.screen.show("topic deletion", akhq::deleteTopic);
            akhq.screen.show("ACLs are off, and said to be", akhq::acls);
        }
    }

    private void nodes() throws Exception {
        DescribeClusterResult cluster = admin.describeCluster();
        Screen.same(Screen.of(cluster.clusterId()).length(), 22, "cluster id");
        Screen.same(Screen.of(cluster.controller()).id(), 0, "controller");
        Screen.that(Screen.of(cluster.nodes()).stream().allMatch(n -> bootstrap.equals(n.host() + ":" + n.port())),
            "nodes " + Screen.of(cluster.nodes()));
    }

    private Map<String, ConfigEntry> configs(ConfigResource.Type type, String name) throws Exception {
        ConfigResource resource = new ConfigResource(type, name);
        Collection<ConfigEntry> entries =
            Screen.of(admin.describeConfigs(List.of(resource)).all()).get(resource).entries();
        return entries.stream().collect(Collectors.toMap(ConfigEntry::name, entry -> entry));
    }

    private void nodeConfigs() throws Exception {
        Map<String, ConfigEntry> configs = configs(ConfigResource.Type.BROKER, "0");
        Screen.that(configs.size() > 200, "only " + configs.size() + " configs");
        Screen.same(configs.get("num.partitions").value(), "4", "num.partitions");
        Screen.same(configs.get("num.partitions").source(), ConfigEntry.ConfigSource.STATIC_BROKER_CONFIG, "source");
        Screen.that(configs.get("node.id").isReadOnly() && !configs.get("log.retention.ms").isReadOnly(), "read-only");
        Screen.that(configs.get("log.retention.hours").isDefault(), "default");
        Screen.that(configs.get("ssl.keystore.password").isSensitive(), "sensitive");
    }

    private void createTopic() throws Exception {
        Screen.of(admin.createTopics(Set.of(new NewTopic(TOPIC, 3, (short) 1))).all());
    }

    private void topics() throws Exception {
        Set<String> names = Screen.of(admin.listTopics(new ListTopicsOptions().listInternal(true)).listings()).stream()
            .map(listing -> listing.name() + (listing.isInternal() ? " internal" : "")).collect(Collectors.toSet());
        Screen.that(names.containsAll(Set.of(TOPIC, "__consumer_offsets internal")), "topics " + names);
        TopicDescription described = Screen.of(admin.describeTopics(List.of(TOPIC)).allTopicNames()).get(TOPIC);
        Screen.same(described.partitions().size(), 3, "partitions");
        described.partitions().forEach(partition -> {
            Screen.same(partition.leader().id(), 0, "leader");
            Screen.same(partition.isr().size() + " " + partition.replicas().size(), "1 1", "isr and replicas");
        });
        try (KafkaConsumer<byte[], byte[]> consumer = Application.consumer(bootstrap)) {
            Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions());
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions());
            Screen.that(begins.values().stream().allMatch(offset -> offset == 0), "begins " + begins);
            Screen.that(ends.values().stream().allMatch(offset -> offset == 30), "ends " + ends);
        }
    }

    private static List<TopicPartition> partitions() {
        return List.of(new TopicPartition(TOPIC, 0), new TopicPartition(TOPIC, 1), new TopicPartition(TOPIC, 2));
    }

    /** The legacy call replaces all that is set: what is not named goes back to its default. */
    @SuppressWarnings("deprecation")
    private void alterConfigs(ConfigEntry... entries) throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
        Screen.of(admin.alterConfigs(Map.of(topic, new Config(List.of(entries)))).all());
    }

    private void topicConfigs() throws Exception {
        alterConfigs(new ConfigEntry("retention.ms", "86400000"), new ConfigEntry("max.message.bytes", "2000"));
        Screen.soon(() -> {
            Map<String, ConfigEntry> configs = configs(ConfigResource.Type.TOPIC, TOPIC);
            Screen.same(configs.get("retention.ms").value(), "86400000", "retention.ms");
            Screen.same(configs.get("retention.ms").source(), ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, "source");
            Screen.same(configs.get("max.message.bytes").value(), "2000", "max.message.bytes");
            Screen.that(configs.get("cleanup.policy").isDefault(), "cleanup.policy is a default");
        });
        alterConfigs(new ConfigEntry("retention.ms", "1000000000"));
        Screen.soon(() -> {
            Map<String, ConfigEntry> configs = configs(ConfigResource.Type.TOPIC, TOPIC);
            Screen.same(configs.get("retention.ms").value(), "1000000000", "retention.ms");
            Screen.same(configs.get("max.message.bytes").value(), "1048588", "max.message.bytes");
        });
    }

    private void logDirs() throws Exception {
        Map<String, LogDirDescription> logDirs = Screen.of(admin.describeLogDirs(List.of(0)).allDescriptions()).get(0);
        Screen.same(logDirs.size(), 1, "directories");
        LogDirDescription directory = logDirs.values().iterator().next();
        Screen.that(directory.error() == null, "error " + directory.error());
        for (TopicPartition partition : partitions()) {
            Screen.that(directory.replicaInfos().get(partition).size() > 0, "size of " + partition);
            Screen.same(directory.replicaInfos().get(partition).offsetLag(), 0L, "lag of " + partition);
        }
        Screen.that(directory.totalBytes().orElse(0) > 0 && directory.usableBytes().orElse(0) > 0, "bytes of the disk");
    }

    private List<ConsumerRecord<byte[], byte[]>> read(KafkaConsumer<byte[], byte[]> consumer, int count) {
        List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
        for (int i = 0; i < 100 && read.size() < count; i++) consumer.poll(Duration.ofMillis(100)).forEach(read::add);
        return read;
    }

    private void data() {
        try (KafkaConsumer<byte[], byte[]> consumer =
            Application.consumer(bootstrap, "max.poll.records", "50", "enable.auto.commit", "false")) {
            consumer.assign(partitions());
            consumer.seekToBeginning(partitions());
            List<ConsumerRecord<byte[], byte[]>> all = read(consumer, Application.RECORDS);
            Screen.same(all.size(), Application.RECORDS, "records");
            Screen.same(new String(all.get(0).headers().lastHeader("number").value()).isEmpty(), false, "header");
            TopicPartition second = partitions().get(1);
            consumer.assign(List.of(second));
            consumer.seek(second, 28);
            Screen.same(new String(read(consumer, 2).get(0).value()), "value 85", "value at 28");
            Map<TopicPartition, OffsetAndTimestamp> found =
                consumer.offsetsForTimes(Map.of(second, all.get(0).timestamp() - 1000));
            Screen.same(found.get(second).offset(), 0L, "offset by time");
            Map<TopicPartition, OffsetAndTimestamp> later =
                consumer.offsetsForTimes(Map.of(second, System.currentTimeMillis() + 600_000));
            Screen.same(later.get(second), null, "offset of a time to come");
        }
    }

    private void produce() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = Application.producer(bootstrap)) {
            Screen.same(producer.send(new ProducerRecord<>(TOPIC, 0, Application.bytes("key 0"),
                Application.bytes("by hand"))).get().offset(), 30L, "offset");
            Screen.same(producer.send(new ProducerRecord<>(TOPIC, 0, Application.bytes("key 0"), null)).get()
                .offset(), 31L, "offset");
        }
    }

    private void groups() throws Exception {
        Set<String> names = Screen.of(admin.listConsumerGroups().all()).stream()
            .map(group -> group.groupId()).collect(Collectors.toSet());
        Screen.that(names.contains(GROUP), "groups " + names);
        ConsumerGroupDescription group = Screen.of(admin.describeConsumerGroups(List.of(GROUP)).all()).get(GROUP);
        Screen.same(group.state().toString(), "Stable", "state");
        Screen.same(group.partitionAssignor(), "range", "assignor");
        Screen.same(group.coordinator().id(), 0, "coordinator");
        Screen.same(group.members().stream().map(m -> m.clientId()).collect(Collectors.toSet()),
            Set.of("application-0", "application-1"), "client ids");
        Screen.that(group.members().stream()
            .allMatch(m -> m.consumerId().startsWith(m.clientId()) && m.host().startsWith("/")), "ids and hosts");
        Screen.same(group.members().stream().flatMap(m -> m.assignment().topicPartitions().stream())
            .collect(Collectors.toSet()),
            Set.copyOf(partitions()), "assignments");
    }

    private Map<TopicPartition, Long> committed() throws Exception {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        Screen.of(admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata())
            .forEach((partition, offset) -> offsets.put(partition, offset.offset()));
        return offsets;
    }

    private void lag() throws Exception {
        try (KafkaConsumer<byte[], byte[]> consumer = Application.consumer(bootstrap)) {
            Screen.soon(() -> Screen.same(committed(), consumer.endOffsets(partitions()), "offsets"));
        }
    }

    private void updateOffsets() throws Exception {
        try (KafkaConsumer<byte[], byte[]> consumer = Application.consumer(bootstrap, "group.id", GROUP)) {
            consumer.commitSync(partitions().stream().collect(Collectors.toMap(p -> p, p -> new OffsetAndMetadata(7))));
        }
        Screen.same(Set.copyOf(committed().values()), Set.of(7L), "offsets");
    }

    private void deleteOffsets() throws Exception {
        Screen.of(admin.deleteConsumerGroupOffsets(GROUP, Set.copyOf(partitions().subList(0, 2))).all());
        Screen.same(committed(), Map.of(partitions().get(2), 7L), "offsets");
    }

    private void deleteGroup() throws Exception {
        Screen.of(admin.deleteConsumerGroups(Set.of(GROUP)).all());
        Screen.that(Screen.of(admin.listConsumerGroups().all()).stream().noneMatch(g -> g.groupId().equals(GROUP)),
            "still listed");
    }

    private void morePartitions() throws Exception {
        Screen.of(admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(5))).all());
        Screen.soon(() -> {
            TopicDescription topic = Screen.of(admin.describeTopics(List.of(TOPIC)).allTopicNames()).get(TOPIC);
            Screen.same(topic.partitions().size(), 5, "partitions");
        });
    }

    private void emptyTopic() throws Exception {
        Screen.of(admin.deleteRecords(partitions().stream()
            .collect(Collectors.toMap(p -> p, p -> RecordsToDelete.beforeOffset(-1)))).all());
        try (KafkaConsumer<byte[], byte[]> consumer = Application.consumer(bootstrap)) {
            Screen.same(consumer.beginningOffsets(partitions()), consumer.endOffsets(partitions()), "offsets");
        }
    }

    private void deleteTopic() throws Exception {
        Screen.of(admin.deleteTopics(Set.of(TOPIC)).all());
        Screen.soon(() -> Screen.that(!Screen.of(admin.listTopics().names()).contains(TOPIC), "still listed"));
    }

    private void acls() {
        KafkaUi.toldOff(() -> Screen.of(admin.describeAcls(AclBindingFilter.ANY).values()));
    }
}
