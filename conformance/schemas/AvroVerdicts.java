import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;

/** Two schemas a line, with a tab between; answers what Apache Avro says about both, and about the second read by the first. */
public class AvroVerdicts {
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] pair = line.split("\t");
      Schema reader = parse(pair[0]);
      Schema writer = parse(pair[1]);
      out.println(text(reader) + "\t" + text(writer) + "\t" + verdict(reader, writer));
    }
    out.flush();
  }

  private static Schema parse(String text) {
    try {
      return new Schema.Parser(NameValidator.STRICT_VALIDATOR).parse(text);
    } catch (Exception refused) {
      return null;
    }
  }

  private static String text(Schema schema) {
    return schema == null ? "refused" : schema.toString();
  }

  private static String verdict(Schema reader, Schema writer) {
    if (reader == null || writer == null) return "none";
    try {
      StringBuilder found = new StringBuilder();
      for (SchemaCompatibility.Incompatibility one :
          SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getResult().getIncompatibilities()) {
        found.append(one.getType()).append(' ').append(one.getLocation()).append(' ').append(one.getMessage()).append('|');
      }
      return found.toString();
    } catch (Exception failed) {
      return "failed";
    }
  }
}
