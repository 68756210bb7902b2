package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

class ContractYamlTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void shouldBringBackWhatItWrote() {
    JsonNode contract = Contracts.whole();

    assertThat(ContractYaml.read(ContractYaml.write(contract)).toString())
        .isEqualTo(contract.toString());
  }

  @Test
  void shouldBeReadAlikeByAnotherReader() {
    JsonNode contract = Contracts.whole();

    Object read =
        new Yaml(new SafeConstructor(new LoaderOptions())).load(ContractYaml.write(contract));

    assertThat(JSON.<JsonNode>valueToTree(read)).isEqualTo(contract);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "yes", "No", "~", "null", "1.0.0", "1.0", "0x1F", "0o17", "2026-01-01", "12:30:00", "- a",
            "a: b", "a #b", "#", "", " ", "a ", "*a", "&a",
        "!!str", "%TAG", "@id", "`", "'", "\"", "\\", "a\nb", "\t", "---", "...", "{}", "[]", "<<",
            "=", "\u202Eevil", "\u2028", "\u0085", "\uFEFF",
        "</script>", "|", ">", "?", "1e3", ".inf", ".NaN", "+1", "_", "1_000", "\uD83D\uDE80"
      })
  void shouldKeepATextAText(String text) {
    ObjectNode document = JsonNodeFactory.instance.objectNode().put("value", text);
    document.put(text, 1);

    String written = ContractYaml.write(document);

    assertThat(ContractYaml.read(written).toString()).isEqualTo(document.toString());
    Object other = new Yaml(new SafeConstructor(new LoaderOptions())).load(written);
    assertThat(JSON.<JsonNode>valueToTree(other).get("value").textValue()).isEqualTo(text);
  }

  @Property(tries = 300)
  void shouldKeepAnyText(@ForAll String text) {
    // Halves of surrogate pairs are refused before anything is stored.
    String whole = text.replaceAll("\\p{Cs}", "");
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.putArray("list").add(whole).addObject().put("name", whole).putArray("none");

    assertThat(ContractYaml.read(ContractYaml.write(document)).toString())
        .isEqualTo(document.toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: &x 1\nb: *x",
        "a: &x [1]\nb: [*x, *x]",
        "&x a: 1",
        "a: !!java.net.URL [\"http://x\"]",
        "!!javax.script.ScriptEngineManager [x]",
        "a: !local 1",
        "a: !!str 1",
        "!!map {a: 1}",
        "%TAG ! tag:x,2026:\n---\na: 1",
        "---\na: 1\n---\nb: 2",
        "? [a]\n: 1",
        "a: [1",
        "a: 'b",
        "\tb: 1",
        "",
        "# nothing"
      })
  void shouldRefuseWhatIsNoPlainDocument(String yaml) {
    assertThatThrownBy(() -> ContractYaml.read(yaml))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> assertThat(problem.code()).isEqualTo(ProblemCode.MALFORMED_REQUEST));
  }

  @Test
  void shouldRefuseAKeyTwice() {
    assertThatThrownBy(() -> ContractYaml.read("a:\n  b: 1\n  b: 2"))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> {
              assertThat(problem.code()).isEqualTo(ProblemCode.DUPLICATE_KEY);
              assertThat(problem.path()).isEqualTo("/a/b");
            });
  }

  @Test
  void shouldRefuseWhatIsTooDeepOrTooMuch() {
    for (String yaml : new String[] {"[".repeat(5_000), "[a,".repeat(60), "- ".repeat(100) + "a"}) {
      assertThatThrownBy(() -> ContractYaml.read(yaml)).isInstanceOf(Problem.class);
    }
    assertThatThrownBy(() -> ContractYaml.read("[" + "1,".repeat(60_000) + "1]"))
        .isInstanceOf(Problem.class);
    assertThatThrownBy(() -> ContractYaml.read("a: " + "x".repeat(ContractYaml.MOST)))
        .isInstanceOfSatisfying(
            Problem.class, problem -> assertThat(problem.code()).isEqualTo(ProblemCode.TOO_LARGE));
  }

  @Test
  void shouldTellTypesAsYaml12Does() {
    assertThat(
            ContractYaml.read(
                    "{a: yes, b: true, c: 2026-01-01, d: 012, e: 1.50, f: ~, g: '1', h: 1e3, i: 0x1f}")
                .toString())
        .isEqualTo(
            "{\"a\":\"yes\",\"b\":true,\"c\":\"2026-01-01\",\"d\":12,\"e\":1.50,\"f\":null,\"g\":\"1\",\"h\":1E+3,\"i\":\"0x1f\"}");
  }
}
