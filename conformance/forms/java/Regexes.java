// What java.util.regex says of patterns and texts, as JSON for test/tools/kafka/java-regex.test.ts:
// java conformance/forms/java/Regexes.java > test/fixtures/java-regex.json
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

public class Regexes {
    private static final String[] TEXTS = {
        "", "a", "b", "ab", "aab", "aaa", "abc", "A", "AB", "x.y", "x-y", "x_y", "orders", "orders-1", "Orders-12", "__consumer_offsets",
        "a b", "a\nb", "a\n", "a\r\n", "\r\n", "\t", "\u000b", "\u0085", "\u00a0", "\u00e9", "\u00c9", "\u03b1", "\ud83d\ude00", "]", "[", "}",
        "{", "-", "^", "&", "a&", "a*", "(a)", "\\", "9", "42", "aa", "abab", "a]", "foo.bar", "Q", "\\Q", "\u0007", "A0", "a-b-c",
    };

    private static final String[] PATTERNS = {
        "", "a", "a|b", ".*", "a+", "a*b", "a{2}", "a{2,}", "a{1,2}", "a??b", "a*?b", "(a)(b)", "(?:ab)+", "(ab)\\1", "(?<n>a)\\k<n>",
        "\\Qx.y\\E", "\\Qa*", "\\Qa\\E*", "\\Q\\E", "[\\Qx.\\E]+y", "x\\.y", "x.y", "[a-c]+", "[^a]", "[]a]", "[^]a]", "[a-]", "[-a]",
        "[a-c&&[^b]]+", "[a-z&&[aeiou]]", "[a[bc]]+", "[^a[bc]]", "[^a-z&&[^x]]", "[a&&]", "[&a]+", "[a&b]", "[\\d]+", "[\\w-]+", "[\\s]",
        "[^\\s]+", "\\d+", "\\D", "\\w+", "\\W", "\\s", "\\S+", "\\h", "\\v", "\\R", "\\V+", "\\H+", "a\\Z", "a\\z", "a$", "^a$", "\\Aa",
        "a\\b", "\\ba", "a\\Bb", "(?=a)ab", "(?!a).", "a(?<=a)b", "(?<!a)b", "(?i)ab", "(?i)[a-b]+", "(?s).*", "(?m)^a$", "(?d)a.b",
        "(?is)A.B", "(?u)a", "\\x41", "\\u0041", "\\x{1F600}", "\\0101", "\\cA", "\\t", "\\a", "\\e", "[\\t\\x0b]", "\\p{Alpha}+",
        "\\p{Lower}+", "\\p{Upper}", "\\P{Lower}+", "\\p{Punct}", "\\p{Space}", "\\p{XDigit}+", "\\p{Cntrl}", "\\p{L}+", "\\pL", "\\PL",
        "\\p{Lu}", "\\p{IsAlphabetic}+", "\\p{IsLatin}+", "\\p{IsGreek}", "\\p{script=Greek}", "\\p{gc=Lu}", "\\p{IsUppercase}", "\\p{IsDigit}",
        "[\\p{L}&&[^a]]", "[^\\p{L}]", "orders.*", "orders|Orders-\\d+", "(?:orders|Orders)-\\d{1,2}", "]", "}", "\\{", "-", "a\\-b\\-c",
        "\\^", "[\\^]", "[a^]", "[.]", "x[.]y", "foo\\.bar", "_", "\\_", "\\-", "[\\-a]", "[a\\]]+", "[\\[]", "(a|b)*", "(a|)b", "|a", "a|",
        "()", "()*", "^*a", "(?=a)*a", "\\1", "(a)\\2", "(a)\\11", "[a-c-]", "[a-b-c]", "[--9]", "a{0}", "a{0,0}b",
        "*a", "+", "?", "a**", "a+*", "{", "a{", "a{,3}", "a{x}", "a{2,1}", "(", ")", "(a", "a)", "[", "[a", "[]", "[^]", "[z-a]", "\\", "a\\",
        "\\y", "\\q", "\\i", "\\j", "\\E", "\\F", "\\8", "\\x4", "\\u41", "\\0", "\\09", "(?", "(?a", "(?<", "(?<1>a)", "(?<n>a)(?<n>b)", "(?P<n>a)",
        "\\k<m>", "\\k", "\\p{Nope}", "\\p", "\\p{", "(?<=a*)b", "(?<=a{1,3})b", "(?<=a{2,})b", "(?q)a", "(?i", "[[:alpha:]]", "[a-\\d]", "[\\y]", "[\\b]",
        "a*+", "a?+b", "a{2}+", "(?>ab)c", "a(?i)b", "(?i:a)", "(?x)a b", "(?U)\\w", "\\Ga", "\\X", "\\b{g}a", "\\p{InGreek}", "\\p{javaLowerCase}",
    };

    private static final String[][] SPLITS = {
        {"a,b,c", ","}, {"a,b,,", ","}, {",a", ","}, {"", ","}, {",", ","}, {"a1b22c", "\\d+"}, {"abc", ""}, {"a.b", "."}, {"a|b", "|"},
        {"a||b", "\\|\\|"}, {"a,b", "(,)"}, {"abc", "(?=b)"}, {"a\nb\n", "\n"},
    };

    public static void main(String[] args) {
        StringBuilder out = new StringBuilder("{\n\"texts\": ").append(list(List.of(TEXTS))).append(",\n\"patterns\": {");
        String comma = "\n";
        for (String pattern : PATTERNS) {
            out.append(comma).append(quoted(pattern)).append(": ").append(verdict(pattern));
            comma = ",\n";
        }
        out.append("\n},\n\"splits\": [");
        comma = "\n";
        for (String[] split : SPLITS) {
            out.append(comma).append("{\"text\": ").append(quoted(split[0])).append(", \"pattern\": ").append(quoted(split[1]));
            out.append(", \"parts\": ").append(list(List.of(split[0].split(split[1])))).append("}");
            comma = ",\n";
        }
        System.out.println(out.append("\n]\n}"));
    }

    private static String verdict(String pattern) {
        try {
            Pattern compiled = Pattern.compile(pattern);
            List<String> taken = new ArrayList<>();
            for (int i = 0; i < TEXTS.length; i++) if (compiled.matcher(TEXTS[i]).matches()) taken.add(Integer.toString(i));
            return "[" + String.join(", ", taken) + "]";
        } catch (PatternSyntaxException e) {
            return "null";
        }
    }

    private static String list(List<String> texts) {
        return "[" + String.join(", ", texts.stream().map(Regexes::quoted).toList()) + "]";
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < ' ' || c > '~') out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        return out.append('"').toString();
    }
}
