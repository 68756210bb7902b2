package org.pilothouse.ctl.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.StringReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowMapperTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void shouldMakeAPropertyOfEachColumnWhenTheRowIsWide() throws Exception {
    assertThat(
            lines(
                "{}",
                "time,twin,id,speed,on,note\n2026-01-01T00:00:00Z,p-1,e-1,1.50,true,\"a \"\"b\"\", c\"\n"))
        .containsExactly(
            "{\"twin\":\"p-1\",\"time\":\"2026-01-01T00:00:00Z\","
                + "\"values\":{\"speed\":1.50,\"on\":true,\"note\":\"a \\\"b\\\", c\"},\"id\":\"e-1\"}");
  }

  @Test
  void shouldMakeOneReadingOfARowWhenTheFileIsLong() throws Exception {
    JsonNode line =
        JSON.readTree(
            lines("{}", "twin,time,property,value\r\np-1,2026-01-01T00:00:00Z,speed,-7e2\r\n")
                .getFirst());

    assertThat(line.at("/values/speed").asInt()).isEqualTo(-700);
    assertThat(line.path("values").size()).isEqualTo(1);
  }

  @Test
  void shouldLeaveOutEmptyCellsAndThoseThatAreNoNumber() throws Exception {
    assertThat(values("{}", "twin,time,a,b,c\n\np-1,t,,2,NaN\n\n").toString())
        .isEqualTo("{\"b\":2}");
  }

  @Test
  void shouldRefuseARowWithoutAValue() throws Exception {
    assertThat(lines("{}", "twin,time,a\np-1,t,\n"))
        .containsExactly("2: missing_field: the row has no value");
  }

  @Test
  void shouldKeepAsTextWhatIsNotAJsonNumber() throws Exception {
    assertThat(values("{}", "twin,time,a,b,c,d\np-1,t,n/a,007,1f,0x1\n").toString())
        .isEqualTo("{\"a\":\"n/a\",\"b\":\"007\",\"c\":\"1f\",\"d\":\"0x1\"}");
  }

  @Test
  void shouldTakeTheOptionForRowsThatNameNoTwin() throws Exception {
    assertThat(lines("{\"twin\":\"p-9\"}", "twin,time,a\n,t,1\np-1,t,1\n"))
        .extracting(line -> JSON.readTree(line).path("twin").asText())
        .containsExactly("p-9", "p-1");
  }

  @Test
  void shouldMakeTheTwinOfColumns() throws Exception {
    String mapping = "{\"twin\":\"{site:slug}-engine-{unit:03}.{kind}\"}";

    assertThat(lines(mapping, "time,site,unit,kind,a\nt,Hall 2 / A,7,x,1\nt,b,1234,x,1\n"))
        .extracting(line -> JSON.readTree(line).path("twin").asText())
        .containsExactly("hall-2-a-engine-007.x", "b-engine-1234.x");
    assertThat(lines(mapping, "time,site,unit,kind,a\nt,b,seven,x,1\nt,b,,x,1\nt,b,1,X,1\n"))
        .containsExactly(
            "2: invalid_value: the column unit must be a whole number, not 'seven'",
            "3: missing_field: the column unit is empty",
            "4: invalid_id: 'b-engine-001.X' is not a twin id ([a-z0-9][a-z0-9._-]{0,127})");
  }

  @Test
  void shouldNameTheTwinAfterTheFile() throws Exception {
    assertThat(
            JSON.readTree(lines("{\"twin\":\"{file}\"}", "time,value\nt,1\n").getFirst())
                .path("twin")
                .asText())
        .isEqualTo("some-file_1");
  }

  @Test
  void shouldCountTimesFromAStart() throws Exception {
    String mapping =
        "{\"twin\":\"e-{unit}\",\"time\":{\"count\":\"cycle\",\"start\":\"2026-01-01T00:00:00Z\",\"step\":\"1h\"}}";

    assertThat(times(mapping, "unit,cycle,a\n1,1,5\n1,3,5\n1,x,5\n"))
        .containsExactly(
            "2026-01-01T00:00:00Z",
            "2026-01-01T02:00:00Z",
            "4: invalid_time: the column cycle must be a whole number, not 'x'");
  }

  @Test
  void shouldReadTimesAsTheyAreWritten() throws Exception {
    assertThat(times(timed("epoch_s", ""), "t,a\n1767225600,1\n1767225600.25,1\n1e9,1\n"))
        .containsExactly(
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00.250Z",
            "4: invalid_time: the column t must be seconds since 1970, not '1e9'");
    assertThat(times(timed("epoch_ms", ""), "t,a\n1767225600001,1\n"))
        .containsExactly("2026-01-01T00:00:00.001Z");
    assertThat(
            times(
                timed("local", ",\"zone\":\"Europe/Rome\""),
                "t,a\n2026-07-01 12:00:00,1\n2026-07-01T12:00:00.5,1\n2026-07-01,1\n"))
        .containsExactly(
            "2026-07-01T10:00:00Z",
            "2026-07-01T10:00:00.500Z",
            "4: invalid_time: the column t must be a time such as 2026-01-31 12:00:00, not"
                + " '2026-07-01'");
    assertThat(
            times(
                timed("rfc3339", ""), "t,a\n2026-07-01T12:00:00+02:00,1\n2026-07-01 12:00:00Z,1\n"))
        .containsExactly("2026-07-01T12:00:00+02:00", "2026-07-01T12:00:00Z");
  }

  @Test
  void shouldMoveTheNewestRowToTheEnd() throws Exception {
    String rows = "unit,cycle,a\n1,1,5\n1,3,5\n2,1,5\n";
    String mapping =
        "{\"twin\":\"e-{unit}\",\"time\":{\"count\":\"cycle\",\"step\":\"1h\",\"end\":\"now\"}}";

    assertThat(moved(mapping, rows, Mapping.Align.FILE))
        .containsExactly("2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z", "2026-01-01T10:00:00Z");
    assertThat(moved(mapping, rows, Mapping.Align.TWIN))
        .containsExactly("2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z", "2026-01-01T12:00:00Z");
  }

  @Test
  void shouldRenameTypeAndSkipColumns() throws Exception {
    String mapping =
        "{\"skip\":[\"c\"],\"properties\":{\"a\":{\"name\":\"speed\",\"type\":\"number\"},"
            + "\"b\":{\"type\":\"string\"},\"d\":{\"type\":\"integer\"},\"e\":{\"type\":\"boolean\"}}}";

    assertThat(values(mapping, "twin,time,a,b,c,d,e\np,t,+.5,007,z,12.0,1\n").toString())
        .isEqualTo("{\"speed\":0.5,\"b\":\"007\",\"d\":12,\"e\":true}");
    assertThat(
            lines(
                mapping,
                "twin,time,a,b,c,d,e\np,t,fast,x,x,1,1\np,t,1,x,x,1.5,1\np,t,1,x,x,1,yes\np,t,1e999,x,x,1e999,1\n"))
        .containsExactly(
            "2: invalid_value: the column a must be a number, not 'fast'",
            "3: invalid_value: the column d must be a whole number, not '1.5'",
            "4: invalid_value: the column e must be true, false, 1 or 0, not 'yes'",
            "5: invalid_value: the column d must be a whole number, not '1e999'");
  }

  @Test
  void shouldRefuseRowsOfAnotherWidth() throws Exception {
    assertThat(lines("{}", "twin,time,a,b\np,t,1\np,t,1,2,3\np,t,1,2,,\n"))
        .hasSize(3)
        .startsWith(
            "2: malformed_row: the row has 3 columns instead of 4",
            "3: malformed_row: the row has 5 columns instead of 4")
        .last()
        .asString()
        .contains("\"b\":2");
  }

  @Test
  void shouldGiveARowTheSameIdAgainAndEqualRowsTwoIds() throws Exception {
    String rows = "twin,time,a\np,t,1\np,t,1\n";
    List<String> first = lines("{}", rows);

    assertThat(lines("{}", rows)).isEqualTo(first);
    assertThat(first)
        .extracting(line -> JSON.readTree(line).path("id").asText())
        .doesNotHaveDuplicates()
        .allMatch(id -> id.matches("[A-Za-z0-9_-]{22}"));
    assertThat(id(lines("{}", rows.replace("a\n", "b\n")).getFirst()))
        .isNotEqualTo(id(first.getFirst()));
  }

  @Test
  void shouldSayBeforeAnyRowWhatDoesNotFit() {
    assertUnusable("{}", "twin,a", "there is no column time with the time");
    assertUnusable("{}", "time,a", "there is no column twin; say which twin");
    assertUnusable("{}", "time,twin,a,a", "the column a stands twice");
    assertUnusable("{}", "time,twin," + "n".repeat(300), "column 3, 'nnnn");
    assertUnusable("{}", "time,twin,Fan speed", "'Fan speed', is no name of a property");
    assertUnusable("{}", "time,twin", "no column is left to report");
    assertUnusable("{\"skip\":[\"b\"]}", "time,twin,a", "skip names a column b");
    assertUnusable("{\"properties\":{\"b\":{}}}", "time,twin,a", "properties names a column b");
    assertUnusable("{\"twin\":\"e-{unit}\"}", "time,a", "names a column unit");
    assertUnusable("{\"twin\":\"e-{unit:3}\"}", "time,unit,a", "names a column unit:3");
    assertUnusable("{\"twin\":\"e-{\"}", "time,a", "has a brace");
    assertUnusable(
        "{\"properties\":{\"a\":{\"name\":\"b\"}}}", "time,twin,a,b", "are both named b");
    assertUnusable(
        "{\"time\":{\"format\":\"local\",\"zone\":\"Rome\"}}", "time,twin,a", "IANA name");
  }

  private static String id(String line) throws Exception {
    return JSON.readTree(line).path("id").asText();
  }

  private static String timed(String format, String more) {
    return "{\"twin\":\"p\",\"time\":{\"column\":\"t\",\"format\":\"" + format + "\"" + more + "}}";
  }

  private static void assertUnusable(String mapping, String header, String why) {
    assertThatThrownBy(() -> lines(mapping, header + "\n"))
        .isInstanceOf(Unusable.class)
        .hasMessageContaining(why);
  }

  private static JsonNode values(String mapping, String text) throws Exception {
    return JSON.readTree(lines(mapping, text).getFirst()).path("values");
  }

  private static List<String> times(String mapping, String text) throws Exception {
    List<String> times = new ArrayList<>();
    for (String line : lines(mapping, text)) {
      times.add(line.startsWith("{") ? JSON.readTree(line).path("time").asText() : line);
    }
    return times;
  }

  private static List<String> moved(String mapping, String text, Mapping.Align align)
      throws Exception {
    Shift shift = new Shift(Instant.parse("2026-01-01T12:00:00Z"), align);
    RowReader rows = new RowReader(new StringReader(text), ',');
    RowMapper mapper = mapper(mapping, rows);
    for (Row row = rows.next(); row != null; row = rows.next()) {
      shift.learn(mapper.place(row));
    }
    List<String> times = new ArrayList<>();
    for (String line : lines(mapping, text, shift)) {
      times.add(JSON.readTree(line).path("time").asText());
    }
    return times;
  }

  private static List<String> lines(String mapping, String text) throws Exception {
    return lines(mapping, text, null);
  }

  /** The lines, or what is said of a row that makes none. */
  private static List<String> lines(String mapping, String text, Shift shift) throws Exception {
    RowReader rows = new RowReader(new StringReader(text), ',');
    RowMapper mapper = mapper(mapping, rows);
    List<String> lines = new ArrayList<>();
    for (Row row = rows.next(); row != null; row = rows.next()) {
      try {
        lines.add(mapper.line(row, shift).json());
      } catch (Refusal refusal) {
        lines.add(row.line() + ": " + refusal.code() + ": " + refusal.detail());
      }
    }
    return lines;
  }

  private static RowMapper mapper(String mapping, RowReader rows) throws Exception {
    return new RowMapper(
        Mapping.of((ObjectNode) JSON.readTree(mapping), "test"),
        rows.next().cells(),
        "Some File_1.csv.gz");
  }
}
