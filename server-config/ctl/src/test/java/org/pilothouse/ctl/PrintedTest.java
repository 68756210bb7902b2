package org.pilothouse.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrintedTest {
  @Test
  void shouldAlignCellsUnderNamesThatMayBeTheSame() throws Exception {
    StringWriter out = new StringWriter();
    JsonNode row =
        new ObjectMapper().readTree("{\"0\":\"long cell\",\"1\":null,\"2\":\"\\u001b[1m\"}");

    Printed.sheet(new PrintWriter(out), List.of("a", "a", "b\u0007"), List.of(row));

    assertThat(out.toString().lines()).containsExactly("a          a  b?", "long cell  -  ?[1m");
  }
}
