package org.pilothouse.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TelemetryLinesTest {
  @Test
  void shouldMakeAPropertyOfEachColumnWhenTheRowIsWide() throws IOException {
    assertThat(
            csv(
                "time,twin,id,speed,on,note\n2026-01-01T00:00:00Z,p-1,e-1,1.50,true,\"a \"\"b\"\", c\"\n"))
        .containsExactly(
            "{\"time\":\"2026-01-01T00:00:00Z\",\"twin\":\"p-1\",\"id\":\"e-1\","
                + "\"values\":{\"speed\":1.50,\"on\":true,\"note\":\"a \\\"b\\\", c\"}}");
  }

  @Test
  void shouldMakeOneReadingOfARowWhenTheFileIsLong() throws IOException {
    assertThat(csv("twin,time,property,value\r\np-1,2026-01-01T00:00:00Z,speed,-7e2\r\n"))
        .containsExactly(
            "{\"twin\":\"p-1\",\"time\":\"2026-01-01T00:00:00Z\",\"values\":{\"speed\":-7E+2}}");
  }

  @Test
  void shouldLeaveOutEmptyCellsAndEmptyRows() throws IOException {
    assertThat(csv("twin,time,a,b\n\np-1,2026-01-01T00:00:00Z,,2\n\n"))
        .containsExactly(
            "{\"twin\":\"p-1\",\"time\":\"2026-01-01T00:00:00Z\",\"values\":{\"b\":2}}");
  }

  @Test
  void shouldKeepAsTextWhatIsNotAJsonNumber() throws IOException {
    assertThat(csv("twin,time,a,b,c,d\np-1,t,NaN,007,1f,0x1\n"))
        .containsExactly(
            "{\"twin\":\"p-1\",\"time\":\"t\","
                + "\"values\":{\"a\":\"NaN\",\"b\":\"007\",\"c\":\"1f\",\"d\":\"0x1\"}}");
  }

  @Test
  void shouldSayWhatIsMissingWhenTheFirstRowNamesNoTime() {
    assertThatThrownBy(() -> csv("twin,a\np-1,1\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("'time'");
  }

  @Test
  void shouldPassOverEmptyLinesOfNdjson() throws IOException {
    assertThat(all(TelemetryLines.ndjson(new BufferedReader(new StringReader("{}\n\n  \n{1}")))))
        .containsExactly("{}", "{1}");
  }

  private static List<String> csv(String text) throws IOException {
    return all(TelemetryLines.csv(new StringReader(text), null));
  }

  private static List<String> all(TelemetryLines lines) throws IOException {
    List<String> all = new ArrayList<>();
    for (String line = lines.next(); line != null; line = lines.next()) {
      all.add(line);
    }
    return all;
  }
}
