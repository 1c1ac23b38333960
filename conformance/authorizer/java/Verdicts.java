// What Apache Kafka's StandardAuthorizer says of questions that come in a file, a set of access control entries at a time.

import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.SecurityUtils;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;

public final class Verdicts {
    private record Asker(KafkaPrincipal principal, InetAddress clientAddress) implements AuthorizableRequestContext {
        @Override public String listenerName() { return "PLAINTEXT"; }
        @Override public SecurityProtocol securityProtocol() { return SecurityProtocol.PLAINTEXT; }
        @Override public int requestType() { return 0; }
        @Override public int requestVersion() { return 0; }
        @Override public String clientId() { return ""; }
        @Override public int correlationId() { return 0; }
    }

    public static void main(String[] arguments) throws Exception {
        var in = Files.newBufferedReader(Path.of(arguments[0]), StandardCharsets.UTF_8);
        var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        StandardAuthorizer authorizer = null;
        Map<Uuid, StandardAcl> acls = new HashMap<>();
        boolean isLoaded = false;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] fields = line.split("\t", -1);
            if (fields[0].equals("S")) {
                authorizer = new StandardAuthorizer();
                authorizer.withPluginMetrics(new PluginMetricsImpl(new Metrics(), Map.of()));
                authorizer.configure(Map.of("super.users", fields[1], "allow.everyone.if.no.acl.found", fields[2]));
                acls = new HashMap<>();
                isLoaded = false;
            } else if (fields[0].equals("A")) {
                acls.put(Uuid.randomUuid(), new StandardAcl(
                    ResourceType.fromString(fields[1]), fields[2], PatternType.fromString(fields[3]), fields[4], fields[5],
                    AclOperation.fromString(fields[6]), AclPermissionType.fromString(fields[7])));
            } else {
                if (!isLoaded) {
                    authorizer.loadSnapshot(acls);
                    authorizer.completeInitialLoad();
                    isLoaded = true;
                }
                out.print(verdict(authorizer, fields) == AuthorizationResult.ALLOWED ? 'A' : 'D');
            }
        }
        out.println();
        out.flush();
    }

    private static AuthorizationResult verdict(StandardAuthorizer authorizer, String[] fields) throws Exception {
        var asker = new Asker(SecurityUtils.parseKafkaPrincipal(fields[1]), InetAddress.getByName(fields[2]));
        var operation = AclOperation.fromString(fields[3]);
        var type = ResourceType.fromString(fields[4]);
        if (fields[0].equals("T")) return authorizer.authorizeByResourceType(asker, operation, type);
        var pattern = new ResourcePattern(type, fields[5], PatternType.LITERAL);
        return authorizer.authorize(asker, List.of(new Action(operation, pattern, 1, false, false))).get(0);
    }
}
