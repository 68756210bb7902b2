package org.pilothouse.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.ProblemCode;

/** {@code docs/problems.md} is a promise: it names every code, and no other, under its status. */
class ProblemDocumentTest {
  private static final Pattern STATUS = Pattern.compile("^## (.*)$");
  private static final Pattern CODE = Pattern.compile("^### ([a-z_]+)$");
  private static final Pattern NUMBER = Pattern.compile("\\b[45]\\d\\d\\b");

  @Test
  void shouldDescribeEveryCodeUnderItsStatus() throws IOException {
    Map<String, List<Integer>> described = described();

    assertThat(described.keySet())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(ProblemCode.values()).map(ProblemCode::code).toList());
    assertThat(ProblemCode.values())
        .allSatisfy(code -> assertThat(described.get(code.code())).contains(code.status()));
  }

  private static Map<String, List<Integer>> described() throws IOException {
    Map<String, List<Integer>> described = new TreeMap<>();
    List<Integer> statuses = List.of();
    for (String line : Files.readAllLines(Repository.root().resolve("docs/problems.md"))) {
      Matcher status = STATUS.matcher(line);
      Matcher code = CODE.matcher(line);
      if (status.matches()) {
        statuses =
            NUMBER
                .matcher(status.group(1))
                .results()
                .map(found -> Integer.parseInt(found.group()))
                .toList();
      } else if (code.matches()) {
        described.put(code.group(1), statuses);
      }
    }
    return described;
  }
}
