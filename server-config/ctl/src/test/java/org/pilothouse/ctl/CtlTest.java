package org.pilothouse.ctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class CtlTest {
  @Test
  void shouldNameCommandsAndExitCodesWhenAskedForHelp() {
    StringWriter out = new StringWriter();

    int code = Ctl.run(new String[] {"--help"}, new PrintWriter(out), new PrintWriter(out));

    assertThat(code).isZero();
    assertThat(out.toString())
        .contains(
            "pilots",
            "devices",
            "people",
            "models",
            "twins",
            "telemetry",
            "tail",
            "audit",
            "Exit codes");
  }

  @Test
  void shouldExitWithTwoWhenTheCommandIsUnknown() {
    StringWriter err = new StringWriter();

    int code = Ctl.run(new String[] {"pilot"}, new PrintWriter(err), new PrintWriter(err));

    assertThat(code).isEqualTo(2);
    assertThat(err.toString()).contains("pilots");
  }
}
