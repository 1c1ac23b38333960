// Batches as Apache Kafka's producer writes them (RecordAccumulator, ProducerBatch, MemoryRecordsBuilder) out of records that come in a
// file; and whether Kafka reads in another producer's batches the records that it reads in its own.

import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.AbstractRecords;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;

public final class Batches {
    private static final HexFormat HEX = HexFormat.of();

    private record Sent(long timestamp, byte[] key, byte[] value, Header[] headers) {}

    private record Setting(CompressionType codec, int batchSize, long producerId, short epoch, int sequence, boolean isTransactional) {}

    /** Each line: codec, batch size, producer id, epoch, sequence, transactional, records, and the other producer's batches. */
    public static void main(String[] arguments) throws Exception {
        var in = Files.newBufferedReader(Path.of(arguments[0]), StandardCharsets.US_ASCII);
        var out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] fields = line.split("\t", -1);
            var setting = new Setting(
                CompressionType.forName(fields[0]), Integer.parseInt(fields[1]), Long.parseLong(fields[2]),
                Short.parseShort(fields[3]), Integer.parseInt(fields[4]), fields[5].equals("true"));
            List<ByteBuffer> ours = batchesOf(sent(fields[6]), setting);
            out.println(String.join(",", ours.stream().map(Batches::hex).toList()) + "\t" + difference(ours, fields[7].split(",")));
        }
        out.flush();
    }

    private static List<ByteBuffer> batchesOf(List<Sent> records, Setting setting) {
        var batches = new ArrayList<ByteBuffer>();
        MemoryRecordsBuilder builder = null;
        int sequence = setting.sequence();
        for (Sent one : records) {
            if (builder == null || !builder.hasRoomFor(one.timestamp(), one.key(), one.value(), one.headers())) {
                if (builder != null) sequence += closed(builder, setting, sequence, batches);
                builder = begun(one, setting);
            }
            builder.append(one.timestamp(), one.key(), one.value(), one.headers());
        }
        closed(builder, setting, sequence, batches);
        return batches;
    }

    /** RecordAccumulator.append: a batch that is begun for a larger record is as large. */
    private static MemoryRecordsBuilder begun(Sent first, Setting setting) {
        int size = Math.max(setting.batchSize(), AbstractRecords.estimateSizeInBytesUpperBound(
            RecordBatch.CURRENT_MAGIC_VALUE, setting.codec(), first.key(), first.value(), first.headers()));
        return MemoryRecords.builder(
            ByteBuffer.allocate(size), RecordBatch.CURRENT_MAGIC_VALUE, Compression.of(setting.codec()).build(),
            TimestampType.CREATE_TIME, 0L);
    }

    private static int closed(MemoryRecordsBuilder builder, Setting setting, int sequence, List<ByteBuffer> into) {
        builder.setProducerState(setting.producerId(), setting.epoch(), sequence, setting.isTransactional());
        builder.close();
        into.add(builder.build().buffer());
        // NO_SEQUENCE stays what it is.
        return sequence < 0 ? 0 : builder.numRecords();
    }

    /** What Kafka reads otherwise in the others' batches; "same": nothing. */
    private static String difference(List<ByteBuffer> ours, String[] others) {
        if (others.length != ours.size()) return ours.size() + " batches of Kafka, " + others.length + " others";
        for (int at = 0; at < others.length; at++) {
            Iterator<Record> expected = MemoryRecords.readableRecords(ours.get(at).duplicate()).records().iterator();
            var readable = MemoryRecords.readableRecords(ByteBuffer.wrap(HEX.parseHex(others[at])));
            for (RecordBatch batch : readable.batches()) {
                batch.ensureValid();
                for (Record record : batch) {
                    if (!expected.hasNext()) return "batch " + at + " has more records";
                    if (!Objects.equals(expected.next(), record)) return "batch " + at + ": " + record;
                }
            }
            if (expected.hasNext()) return "batch " + at + " has fewer records";
        }
        return "same";
    }

    private static List<Sent> sent(String text) {
        var records = new ArrayList<Sent>();
        for (String one : text.split(",")) {
            String[] parts = one.split(";", -1);
            Header[] headers = new Header[parts.length - 3];
            for (int at = 0; at < headers.length; at++) {
                String[] pair = parts[at + 3].split("=", -1);
                headers[at] = new RecordHeader(new String(HEX.parseHex(pair[0]), StandardCharsets.UTF_8), bytes(pair[1]));
            }
            records.add(new Sent(Long.parseLong(parts[0]), bytes(parts[1]), bytes(parts[2]), headers));
        }
        return records;
    }

    /** "-": null. */
    private static byte[] bytes(String text) {
        return text.equals("-") ? null : HEX.parseHex(text);
    }

    private static String hex(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return HEX.formatHex(bytes);
    }
}
