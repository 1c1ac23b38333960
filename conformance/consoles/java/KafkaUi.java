import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.apache.kafka.common.errors.GroupSubscribedToTopicException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** The calls that kafka-ui makes: what it gathers of the whole cluster every minute, then screen by screen. */
final class KafkaUi {
    private static final String TOPIC = "kafka-ui.orders";
    private static final String GROUP = "kafka-ui-readers";
    private final String bootstrap;
    private final Admin admin;
    private final Screen screen = new Screen("kafka-ui");

    private KafkaUi(String bootstrap) {
        this.bootstrap = bootstrap;
        this.admin = Admin.create(Application.client(bootstrap));
    }

    public static void main(String[] args) throws Exception {
        KafkaUi ui = new KafkaUi(args[0]);
        try (ui.admin; Application application = new Application()) {
            ui.screen.show("first contact", ui::contact);
            ui.screen.show("topic creation with configs", ui::createTopic);
            Application.write(ui.bootstrap, TOPIC);
            application.join(ui.bootstrap, GROUP, TOPIC);
            ui.screen.show("brokers", ui::brokers);
            ui.screen.show("broker configs and their change", ui::brokerConfigs);
            ui.screen.show("features", ui::features);
            ui.screen.show("quorum", ui::quorum);
            ui.screen.show("topic list with sizes", ui::topics);
            ui.screen.show("topic settings with documentation", ui::topicConfigs);
            ui.screen.show("topic settings changed (AlterConfigs)", ui::alterConfigs);
            ui.screen.show("topic settings changed (IncrementalAlterConfigs)", ui::incrementalAlterConfigs);
            ui.screen.show("message counts", ui::offsets);
            ui.screen.show("messages, newest first", ui::messages);
            ui.screen.show("active producers", ui::producers);
            ui.screen.show("groups", ui::groups);
            ui.screen.show("groups by topic, lag", ui::lag);
            ui.screen.show("a group in use is kept", ui::groupInUse);
            application.close();
            ui.screen.show("offsets reset", ui::resetOffsets);
            ui.screen.show("offsets and group deletion", ui::deleteGroup);
            ui.screen.show("messages deleted", ui::deleteRecords);
            ui.screen.show("partitions and replicas", ui::partitions);
            ui.screen.show("topic deletion", ui::deleteTopic);
            ui.screen.show("ACLs are off, and said to be", ui::acls);
        }
    }

    /** Off is either told by the broker, or not advertised: then the client itself refuses. */
    static void toldOff(Callable<?> call) {
        try {
            call.call();
        } catch (ExecutionException error) {
            Throwable cause = error.getCause();
            Screen.that(cause instanceof SecurityDisabledException || cause instanceof UnsupportedVersionException,
                "told " + cause);
            return;
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
        throw new IllegalStateException("it was answered");
    }

    private void acls() {
        toldOff(() -> Screen.of(admin.describeAcls(AclBindingFilter.ANY).values()));
    }

    private Map<String, ConfigEntry> configs(ConfigResource.Type type, String name,
        DescribeConfigsOptions options) throws Exception {
        ConfigResource resource = new ConfigResource(type, name);
        Collection<ConfigEntry> entries =
            Screen.of(admin.describeConfigs(List.of(resource), options).values().get(resource)).entries();
        return entries.stream().collect(Collectors.toMap(ConfigEntry::name, entry -> entry));
    }

    private void contact() throws Exception {
        DescribeClusterResult cluster =
            admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(false));
        Screen.that(Screen.of(cluster.authorizedOperations()) == null, "operations that nobody asked for");
        int controller = Screen.of(cluster.controller()).id();
        Map<String, ConfigEntry> configs =
            configs(ConfigResource.Type.BROKER, Integer.toString(controller), new DescribeConfigsOptions());
        Screen.same(configs.get("delete.topic.enable").value(), "true", "delete.topic.enable");
    }

    private void createTopic() throws Exception {
        NewTopic topic = new NewTopic(TOPIC, Optional.of(3), Optional.empty());
        Screen.of(admin.createTopics(List.of(topic.configs(Map.of("cleanup.policy", "delete", "retention.ms",
            "604800000")))).all());
    }

    private void brokers() throws Exception {
        DescribeClusterResult cluster =
            admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
        Screen.that(Screen.of(cluster.authorizedOperations()).contains(AclOperation.CREATE), "operations");
        Screen.same(Screen.of(cluster.nodes()).size(), 1, "nodes");
        Map<String, LogDirDescription> logDirs = Screen.of(admin.describeLogDirs(List.of(0)).allDescriptions()).get(0);
        long bytes = logDirs.values().stream().flatMap(d -> d.replicaInfos().values().stream())
            .mapToLong(r -> r.size()).sum();
        Screen.that(bytes > 0, "size of the broker");
    }

    private void alter(ConfigResource resource, AlterConfigOp... operations) throws Exception {
        Screen.of(admin.incrementalAlterConfigs(Map.of(resource, List.of(operations))).all());
    }

    private void brokerConfigs() throws Exception {
        ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, "0");
        ConfigEntry wanted = new ConfigEntry("log.retention.ms", "7200000");
        alter(broker, new AlterConfigOp(wanted, AlterConfigOp.OpType.SET));
        try {
            Screen.soon(() -> {
                DescribeConfigsOptions options = new DescribeConfigsOptions().includeSynonyms(true);
                ConfigEntry entry = configs(ConfigResource.Type.BROKER, "0", options).get("log.retention.ms");
                Screen.same(entry.value(), "7200000", "value");
                Screen.same(entry.source(), ConfigEntry.ConfigSource.DYNAMIC_BROKER_CONFIG, "source");
                Screen.same(entry.synonyms().stream().map(s -> s.name() + "=" + s.value() + " " + s.source()).toList(),
                    List.of("log.retention.ms=7200000 DYNAMIC_BROKER_CONFIG",
                        "log.retention.hours=168 DEFAULT_CONFIG"), "synonyms");
            });
        } finally {
            alter(broker, new AlterConfigOp(wanted, AlterConfigOp.OpType.DELETE));
        }
        Screen.soon(() -> Screen.same(configs(ConfigResource.Type.BROKER, "0", new DescribeConfigsOptions())
            .get("log.retention.ms").value(), null, "value afterwards"));
    }

    private void features() throws Exception {
        FeatureMetadata features = Screen.of(admin.describeFeatures().featureMetadata());
        Screen.same(features.finalizedFeatures().get("metadata.version").maxVersionLevel(), (short) 30,
            "metadata.version");
        Screen.that(features.finalizedFeaturesEpoch().isPresent(), "epoch");
        Screen.that(features.supportedFeatures().containsKey("group.version"),
            "features " + features.supportedFeatures());
    }

    private void quorum() throws Exception {
        QuorumInfo quorum = Screen.of(admin.describeMetadataQuorum().quorumInfo());
        Screen.same(quorum.leaderId() + " " + quorum.voters().size() + " " + quorum.observers().size(), "0 1 0",
            "leader, voters, observers");
        Screen.that(quorum.highWatermark() > 0 && quorum.leaderEpoch() > 0, "high watermark, epoch");
        Screen.that(quorum.voters().get(0).logEndOffset() >= quorum.highWatermark(), "log end");
        Screen.that(quorum.voters().get(0).lastCaughtUpTimestamp().orElse(0) > 0, "caught up");
    }

    private TopicDescription described() throws Exception {
        return Screen.of(admin.describeTopics(List.of(TOPIC)).topicNameValues().get(TOPIC));
    }

    private void topics() throws Exception {
        Set<String> names = Screen.of(admin.listTopics(new ListTopicsOptions().listInternal(true)).names());
        Screen.that(names.containsAll(Set.of(TOPIC, "__consumer_offsets")), "names " + names);
        described().partitions().forEach(p ->
            Screen.same(p.leader().id() + " " + p.isr().size() + " " + p.replicas().size(), "0 1 1",
                "leader, isr, replicas"));
        LogDirDescription directory =
            Screen.of(admin.describeLogDirs(List.of(0)).allDescriptions()).get(0).values().iterator().next();
        for (int p = 0; p < 3; p++) Screen.that(directory.replicaInfos().get(new TopicPartition(TOPIC, p))
            .size() > 0, "size");
    }

    private void topicConfigs() throws Exception {
        DescribeConfigsOptions all = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
        Map<String, ConfigEntry> configs = configs(ConfigResource.Type.TOPIC, TOPIC, all);
        Screen.that(configs.size() >= 30, "only " + configs.size() + " configs");
        for (ConfigEntry entry : configs.values()) {
            Screen.that(entry.documentation() != null && entry.documentation().length() > 10,
                "documentation of " + entry.name());
            Screen.that(entry.type() != ConfigEntry.ConfigType.UNKNOWN, "type of " + entry.name());
            Screen.that(entry.source() != ConfigEntry.ConfigSource.UNKNOWN, "source of " + entry.name());
        }
        Screen.same(configs.get("retention.ms").source(), ConfigEntry.ConfigSource.DYNAMIC_TOPIC_CONFIG, "source");
        Screen.same(configs.get("retention.ms").type(), ConfigEntry.ConfigType.LONG, "type");
        Screen.same(configs.get("cleanup.policy").type(), ConfigEntry.ConfigType.LIST, "type");
        Screen.that(configs.get("segment.bytes").synonyms().stream()
            .anyMatch(s -> s.name().equals("log.segment.bytes")), "synonym");
    }

    private String valueOf(String key) throws Exception {
        return configs(ConfigResource.Type.TOPIC, TOPIC, new DescribeConfigsOptions().includeSynonyms(true)).get(key)
            .value();
    }

    /** What it sends to a broker that names no inter.broker.protocol.version: Kafka 4 and later. */
    @SuppressWarnings("deprecation")
    private void alterConfigs() throws Exception {
        Config whole = new Config(List.of(new ConfigEntry("retention.bytes", "1000000")));
        Screen.of(admin.alterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, TOPIC), whole)).all());
        Screen.soon(() -> Screen.same(valueOf("retention.bytes") + " " + valueOf("retention.ms"),
            "1000000 604800000", "values"));
    }

    private void incrementalAlterConfigs() throws Exception {
        alter(new ConfigResource(ConfigResource.Type.TOPIC, TOPIC),
            new AlterConfigOp(new ConfigEntry("retention.bytes", ""), AlterConfigOp.OpType.DELETE),
            new AlterConfigOp(new ConfigEntry("max.message.bytes", "3000"), AlterConfigOp.OpType.SET));
        Screen.soon(() -> Screen.same(valueOf("retention.bytes") + " " + valueOf("max.message.bytes"),
            "-1 3000", "values"));
    }

    private Map<TopicPartition, Long> offsets(OffsetSpec spec) throws Exception {
        Map<TopicPartition, OffsetSpec> asked = all().stream().collect(Collectors.toMap(p -> p, p -> spec));
        Map<TopicPartition, ListOffsetsResultInfo> found = Screen.of(admin.listOffsets(asked).all());
        return found.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().offset()));
    }

    private static List<TopicPartition> all() {
        return List.of(new TopicPartition(TOPIC, 0), new TopicPartition(TOPIC, 1), new TopicPartition(TOPIC, 2));
    }

    private void offsets() throws Exception {
        Screen.same(Set.copyOf(offsets(OffsetSpec.earliest()).values()), Set.of(0L), "earliest");
        Screen.same(Set.copyOf(offsets(OffsetSpec.latest()).values()), Set.of(30L), "latest");
        Screen.same(Set.copyOf(offsets(OffsetSpec.forTimestamp(1000)).values()), Set.of(0L), "long ago");
    }

    private void messages() {
        try (KafkaConsumer<byte[], byte[]> consumer = Application.consumer(bootstrap)) {
            TopicPartition first = all().get(0);
            consumer.assign(List.of(first));
            consumer.seek(first, 20);
            int read = 0;
            for (int i = 0; i < 100 && read < 10; i++) read += consumer.poll(Duration.ofMillis(100)).count();
            Screen.same(read, 10, "records");
        }
    }

    private void producers() throws Exception {
        Map<TopicPartition, PartitionProducerState> states = Screen.of(admin.describeProducers(all()).all());
        Screen.same(states.get(all().get(0)).activeProducers().size(), 1, "producers");
        Screen.same(states.get(all().get(0)).activeProducers().get(0).lastSequence(), 29, "last sequence");
    }

    private void groups() throws Exception {
        Screen.that(Screen.of(admin.listConsumerGroups().all()).stream().anyMatch(g ->
            g.groupId().equals(GROUP) && g.state().orElseThrow().toString().equals("Stable")), "listed as stable");
        ConsumerGroupDescription group = Screen.of(admin.describeConsumerGroups(List.of(GROUP)).all()).get(GROUP);
        Screen.same(group.members().size() + " " + group.partitionAssignor() + " " + group.coordinator().id(),
            "2 range 0", "members, assignor, coordinator");
        Screen.same(group.members().stream().mapToInt(m -> m.assignment().topicPartitions().size()).sum(), 3,
            "assigned");
    }

    private Map<TopicPartition, OffsetAndMetadata> committed() throws Exception {
        return Screen.of(admin.listConsumerGroupOffsets(Map.of(GROUP, new ListConsumerGroupOffsetsSpec())).all())
            .get(GROUP);
    }

    private void lag() throws Exception {
        Screen.soon(() -> {
            Screen.same(committed().size(), 3, "partitions");
            Screen.that(committed().values().stream().allMatch(o -> o.offset() == 30), "offsets " + committed());
        });
    }

    private void groupInUse() {
        refused(() -> Screen.of(admin.deleteConsumerGroups(List.of(GROUP)).all()), GroupNotEmptyException.class);
        refused(() -> Screen.of(admin.deleteConsumerGroupOffsets(GROUP, Set.copyOf(all())).all()),
            GroupSubscribedToTopicException.class);
    }

    private static void refused(Callable<?> call, Class<?> error) {
        try {
            call.call();
        } catch (Exception told) {
            Screen.same(told.getCause() == null ? null : told.getCause().getClass(), error, "error");
            return;
        }
        throw new IllegalStateException("it was done");
    }

    private void resetOffsets() throws Exception {
        Screen.of(admin.alterConsumerGroupOffsets(GROUP,
            all().stream().collect(Collectors.toMap(p -> p, p -> new OffsetAndMetadata(3)))).all());
        Screen.that(committed().values().stream().allMatch(o -> o.offset() == 3), "offsets " + committed());
    }

    private void deleteGroup() throws Exception {
        Screen.of(admin.deleteConsumerGroupOffsets(GROUP, Set.of(all().get(0))).all());
        Screen.same(committed().size(), 2, "offsets left");
        Screen.of(admin.deleteConsumerGroups(List.of(GROUP)).all());
        Screen.that(Screen.of(admin.listConsumerGroups().all()).stream().noneMatch(g -> g.groupId().equals(GROUP)),
            "still listed");
    }

    private void deleteRecords() throws Exception {
        Screen.of(admin.deleteRecords(offsets(OffsetSpec.latest()).entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> RecordsToDelete.beforeOffset(e.getValue())))).all());
        Screen.same(Set.copyOf(offsets(OffsetSpec.earliest()).values()), Set.of(30L), "earliest");
    }

    private void partitions() throws Exception {
        Screen.of(admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(4))).all());
        Screen.soon(() -> Screen.same(described().partitions().size(), 4, "partitions"));
        Screen.of(admin.alterPartitionReassignments(Map.of(all().get(0),
            Optional.of(new NewPartitionReassignment(List.of(0))))).all());
        Screen.that(Screen.of(admin.listPartitionReassignments().reassignments()).isEmpty(), "nothing is under way");
    }

    private void deleteTopic() throws Exception {
        Screen.of(admin.deleteTopics(List.of(TOPIC)).all());
        Screen.soon(() -> Screen.that(!Screen.of(admin.listTopics().names()).contains(TOPIC), "still listed"));
    }
}
