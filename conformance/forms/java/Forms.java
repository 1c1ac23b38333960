// Runs the main methods of Kafka's tools one after the other in one JVM: what would end it is an exception instead. A line in is
// `id TAB class TAB base64 of the input TAB base64 of each argument`, a line out `id TAB exit code TAB base64 of out TAB of err`.
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.security.Permission;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.common.utils.Exit;

public class Forms {
    private static final List<Runnable> HOOKS = new ArrayList<>();

    /** The exit code, once the tool has ended itself: whatever it does then does not count, its output neither. */
    private static Integer ended;

    private static class Ended extends Error {
    }

    private static Ended end(int code) {
        if (ended == null) ended = code;
        return new Ended();
    }

    private static class Output extends ByteArrayOutputStream {
        @Override
        public synchronized void write(int b) {
            if (ended == null) super.write(b);
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) {
            if (ended == null) super.write(bytes, offset, length);
        }
    }

    /** argparse4j calls System.exit itself. */
    private static class NoExit extends SecurityManager {
        @Override
        public void checkExit(int code) {
            throw end(code);
        }

        @Override
        public void checkPermission(Permission permission) {
        }

        @Override
        public void checkPermission(Permission permission, Object context) {
        }
    }

    public static void main(String[] ignored) throws Exception {
        PrintStream out = System.out;
        PrintStream err = System.err;
        InputStream in = System.in;
        System.setSecurityManager(new NoExit());
        Exit.setExitProcedure((code, message) -> {
            throw end(code);
        });
        Exit.setHaltProcedure((code, message) -> {
            throw end(code);
        });
        Exit.setShutdownHookAdder((name, hook) -> HOOKS.add(hook));
        BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] parts = line.split("\t", -1);
            List<String> args = new ArrayList<>();
            for (int i = 3; i < parts.length; i++) args.add(decoded(parts[i]));
            ByteArrayOutputStream stdout = new Output();
            ByteArrayOutputStream stderr = new Output();
            System.setIn(new ByteArrayInputStream(Base64.getDecoder().decode(parts[2])));
            System.setOut(new PrintStream(stdout, true));
            System.setErr(new PrintStream(stderr, true));
            int code = run(parts[1], args.toArray(new String[0]));
            System.setOut(out);
            System.setErr(err);
            out.println(parts[0] + "\t" + code + "\t" + encoded(stdout) + "\t" + encoded(stderr));
            out.flush();
        }
        Runtime.getRuntime().halt(0);
    }

    private static int run(String name, String[] args) {
        int code = 0;
        ended = null;
        try {
            Class.forName(name).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException e) {
            code = codeOf(e.getCause());
        } catch (ReflectiveOperationException e) {
            code = codeOf(e);
        }
        int answer = ended == null ? code : ended;
        for (Runnable hook : HOOKS) hook.run();
        HOOKS.clear();
        return answer;
    }

    private static int codeOf(Throwable thrown) {
        if (ended != null) return ended;
        System.err.print("Exception in thread \"main\" ");
        thrown.printStackTrace();
        return 1;
    }

    private static String decoded(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }

    private static String encoded(ByteArrayOutputStream bytes) {
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
