package org.pilothouse.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {

  @Test
  void shouldReadEveryFlagWhenUpIsAskedFor() {
    assertThat(parse("up")).isEqualTo(new Command.Up(false, true, false, false));
    assertThat(parse("up --detach --no-build --fresh --engines"))
        .isEqualTo(new Command.Up(true, false, true, true));
  }

  @Test
  void shouldTakeNameAndFollowInAnyOrderWhenLogsAreAskedFor() {
    assertThat(parse("logs -f kafka")).isEqualTo(new Command.Logs(Optional.of("kafka"), true, 200));
    assertThat(parse("logs kafka -n 5"))
        .isEqualTo(new Command.Logs(Optional.of("kafka"), false, 5));
    assertThat(parse("logs")).isEqualTo(new Command.Logs(Optional.empty(), false, 200));
  }

  @Test
  void shouldRunAllTestsWhenNoSuiteIsNamed() {
    assertThat(parse("test")).isEqualTo(new Command.Test(Command.Suite.ALL, List.of()));
    assertThat(parse("test it -- -Dit.test=SignInIT"))
        .isEqualTo(new Command.Test(Command.Suite.IT, List.of("-Dit.test=SignInIT")));
  }

  @Test
  void shouldPassTheRestOnWhenAnotherModulesProgramIsCalled() {
    assertThat(parse("demo --twins 5 --seed 7"))
        .isEqualTo(new Command.Run(Command.Tool.DEMO, List.of("--twins", "5", "--seed", "7")));
    assertThat(parse("ctl --help")).isEqualTo(new Command.Run(Command.Tool.CTL, List.of("--help")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"fly", "up --quick", "down now", "status --yaml", "logs a b", "test browser"})
  void shouldExitWithTwoWhenTheLineIsNotUnderstood(String line) {
    assertThatThrownBy(() -> parse(line))
        .isInstanceOfSatisfying(
            Complaint.class,
            complaint -> {
              assertThat(complaint.exitCode()).isEqualTo(2);
              assertThat(complaint.render()).contains("./pilothouse help");
            });
  }

  private static Command parse(String line) {
    return CommandLine.parse(List.of(line.split(" ")));
  }
}
