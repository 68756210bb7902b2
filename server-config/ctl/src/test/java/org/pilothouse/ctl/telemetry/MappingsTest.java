package org.pilothouse.ctl.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MappingsTest {
  @TempDir Path directory;

  @Test
  void shouldReadARowOfAnEngineWithTheMappingThatComesAlong() throws Exception {
    Mapping mapping = Mappings.of("cmapss").mapping();
    String row =
        "1 1 -0.0007 -0.0004 100.0 518.67 641.82 1589.70 1400.60 14.62 21.61 554.36 2388.06 9046.19"
            + " 1.30 47.47 521.66 2388.02 8138.62 8.4195 0.03 392 2388 100.00 39.06 23.4190  \n";

    RowReader rows = new RowReader(new StringReader(row), mapping.delimiter().charAt(0));
    RowMapper mapper = new RowMapper(mapping, mapping.columns(), "train_FD001.txt");
    RowMapper.Line line = mapper.line(rows.next(), null);

    assertThat(mapping.columns()).hasSize(26);
    assertThat(line.twin()).isEqualTo("engine-001");
    assertThat(line.json())
        .contains("\"cycle\":1,", "\"T50\":1400.60,", "\"htBleed\":392,", "\"W32\":23.4190}")
        .doesNotContain("unit");
  }

  @Test
  void shouldNameInTheModelWhatTheMappingReports() {
    Mappings.Source source = Mappings.of("cmapss");
    Mapping mapping = source.mapping();
    JsonNode model = source.beside(mapping.twins().document());

    assertThat(model.path("@type").asText()).isEqualTo("tm:ThingModel");
    assertThat(model.path("properties").properties().stream().map(java.util.Map.Entry::getKey))
        .containsExactlyInAnyOrderElementsOf(mapping.properties().keySet());
    assertThat(model.path("actions").has("inspect")).isTrue();
  }

  @Test
  void shouldHaveAllThatAreKnown() {
    assertThat(Mappings.KNOWN)
        .allSatisfy(name -> assertThat(Mappings.of(name).mapping()).isNotNull());
  }

  @Test
  void shouldReadYamlWithTheModelBesideIt() throws IOException {
    Files.writeString(directory.resolve("pump.tm.json"), "{\"title\":\"Pump\"}");
    Path file =
        Files.writeString(
            directory.resolve("pumps.yaml"),
            "twin: 'pump-{no}'\ntime: {column: when, format: epoch_s}\ntwins: {model: pump, document: pump.tm.json}\n");

    Mappings.Source source = Mappings.of(file.toString());

    assertThat(source.mapping().time().format()).isEqualTo(Mapping.Format.EPOCH_S);
    assertThat(source.beside("pump.tm.json").path("title").asText()).isEqualTo("Pump");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"twins\":{\"modle\":\"x\"}} | twins.modle is not a member of a mapping",
        "{\"time\":{\"count\":\"c\",\"step\":\"1h\"}} | a count needs a start",
        "{\"time\":{\"count\":\"c\",\"start\":\"x\"}} | a count needs a step",
        "{\"time\":{\"column\":\"c\",\"count\":\"x\"}} | either a column or a count",
        "{\"time\":{\"start\":\"x\"}} | belong to a count",
        "{\"time\":{\"align\":\"twin\"}} | align belongs to an end",
        "{\"time\":{\"zone\":\"UTC\"}} | zone belongs to the format local",
        "{\"time\":{\"format\":\"iso\"}} | time.format",
        "{\"delimiter\":\"ab\"} | delimiter is one character",
        "{\"reading\":{\"property\":\"p\"}} | reading needs property and value",
        "{\"twins\":{\"document\":\"x\"}} | a document needs model",
        "{\"skip\":\"a\"} | skip",
        "[] | a mapping is an object",
        "{\"a\":1,\"a\":2} | Duplicate field",
        "{ | line 1",
      })
  void shouldSayWhatIsWrongAndWhere(String document, String why) throws IOException {
    Path file = Files.writeString(directory.resolve("m.json"), document);

    assertThatThrownBy(() -> Mappings.of(file.toString()).mapping())
        .isInstanceOf(Unusable.class)
        .hasMessageContaining("m.json")
        .hasMessageContaining(why);
  }

  @Test
  void shouldNameThoseThatAreKnownWhenThereIsNone() {
    assertThatThrownBy(() -> Mappings.of("cmaps"))
        .isInstanceOf(Unusable.class)
        .hasMessageContaining("cmapss");
  }

  @ParameterizedTest
  @CsvSource({
    "90,PT1M30S",
    "90s,PT1M30S",
    "500ms,PT0.5S",
    "15m,PT15M",
    "2h,PT2H",
    "7d,PT168H",
    "PT5S,PT5S"
  })
  void shouldReadLengthsAsPeopleWriteThem(String text, Duration length) {
    assertThat(Length.of(text)).isEqualTo(length);
  }

  @ParameterizedTest
  @CsvSource({"0", "-5m", "5 minutes", "PT-5S", "''"})
  void shouldRefuseWhatIsNoLength(String text) {
    assertThatThrownBy(() -> Length.of(text)).isInstanceOf(Unusable.class);
  }
}
