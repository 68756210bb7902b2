package org.pilothouse.local.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Properties;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeFilesTest {

  private static final PortPlan PORTS = new PortPlan(18100, 9181);

  @TempDir Path directory;

  @Test
  void shouldNameOneUserARoleWhenCredentialsAreFirstMade() throws IOException {
    Home home = home();
    Credentials made = Credentials.of(home, PORTS, new Random(1));
    assertThat(made.baseUrl()).isEqualTo("http://127.0.0.1:9181");
    assertThat(made.users())
        .extracting(Credentials.User::username)
        .containsExactly("operator", "admin", "steward", "support", "platform");
    assertThat(made.users()).extracting(Credentials.User::password).doesNotHaveDuplicates();
    assertThat(Files.readString(home.credentials()))
        .contains("\"base_url\"")
        .contains("\"pilot\" : null")
        .contains("\"pilot\" : \"aurora\"");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.credentials())))
        .isEqualTo("rw-------");
  }

  @Test
  void shouldKeepPasswordsAndFollowThePortsWhenCredentialsExist() {
    Home home = home();
    Credentials first = Credentials.of(home, PORTS, new Random(1));
    Credentials second = Credentials.of(home, new PortPlan(18200, 9182), new Random(2));
    assertThat(second.users()).isEqualTo(first.users());
    assertThat(second.baseUrl()).isEqualTo("http://127.0.0.1:9182");
  }

  @Test
  void shouldKeepSecretsWhenTheyExist() {
    Home home = home();
    assertThat(Secrets.of(home, new Random(1))).isEqualTo(Secrets.of(home, new Random(2)));
  }

  @Test
  void shouldNeedNoQuotingInUrlsSqlOrShells() {
    for (int seed = 0; seed < 200; seed++) {
      assertThat(Secrets.random(new Random(seed)).postgresApp()).matches("[A-Za-z0-9_-]{32}");
    }
  }

  @Test
  void shouldNameEveryEndpoint() {
    Secrets secrets = Secrets.random(new Random(1));
    String json = Json.write(Endpoints.of(PORTS, secrets));
    assertThat(json)
        .contains("\"http\"", "\"kafka\"", "\"amqp\"", "\"elasticsearch\"", "\"jdbc\"", "\"mqtt\"")
        .contains("\"access_key\"", "\"secret_key\"", "\"bucket\"", "\"region\"");
  }

  @Test
  void shouldReadBackAsWrittenWhenTheSettingsArePropertyFiles() throws IOException {
    Secrets secrets = Secrets.random(new Random(3));
    PlatformSettings settings = PlatformSettings.of(home(), Endpoints.of(PORTS, secrets), secrets);
    Properties read = new Properties();
    read.load(new StringReader(settings.render()));
    assertThat(read).containsAllEntriesOf(settings.entries());
    assertThat(read.getProperty("pilothouse.secrets.key")).isEqualTo(secrets.secretsKey());
  }

  private Home home() {
    Home home = Home.at(directory.resolve("home"));
    home.create();
    return home;
  }
}
