import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaFuture;

/** The screens of one console: each is a check, and each check a line on standard output that the suite reads. */
final class Screen {
    private final String console;

    Screen(String console) {
        this.console = console;
    }

    interface Body {
        void fill() throws Exception;
    }

    /** Prints {@code ok TAB name}, or {@code failed TAB name TAB why}. */
    void show(String name, Body body) {
        String line;
        try {
            body.fill();
            line = "ok\t" + console + ": " + name;
        } catch (Throwable error) {
            Throwable cause = error instanceof ExecutionException || error instanceof CompletionException
                ? error.getCause() : error;
            line = "failed\t" + console + ": " + name + "\t" + String.valueOf(cause).replaceAll("\\s+", " ");
        }
        System.out.println(line);
    }

    static <T> T of(KafkaFuture<T> future) throws Exception {
        return future.get();
    }

    static void that(boolean fact, String what) {
        if (!fact) throw new IllegalStateException(what);
    }

    static void same(Object actual, Object expected, String what) {
        that(Objects.equals(actual, expected), what + ": " + actual + " instead of " + expected);
    }

    /** A broker follows what the controller has decided a moment later: asks again for ten seconds. */
    static void soon(Body body) throws Exception {
        for (int i = 0; i < 100; i++) {
            try {
                body.fill();
                return;
            } catch (IllegalStateException notYet) {
                Thread.sleep(100);
            }
        }
        body.fill();
    }
}
