package org.pilothouse.ctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.pilothouse.ctl.FakePlatform.Response;
import org.pilothouse.ctl.api.PilothouseApi;
import org.pilothouse.ctl.telemetry.Unusable;

class DeviceTokensTest {
  @TempDir Path home;

  private final FakePlatform platform =
      new FakePlatform(request -> Response.of(201, "{\"device_id\":\"d\",\"token\":\"t-1\"}"));
  private final PilothouseApi api = PilothouseApi.at(platform.url());

  @AfterEach
  void close() {
    api.close();
    platform.close();
  }

  @Test
  void shouldRegisterADeviceOnceAndKeepItsTokenToItself() throws Exception {
    assertThat(tokens(null).known()).isEmpty();
    assertThat(tokens(null).obtain(false)).isEqualTo("t-1");
    assertThat(tokens(null).obtain(false)).isEqualTo("t-1");

    assertThat(platform.requests()).hasSize(1);
    assertThat(platform.requests().getFirst().body())
        .isEqualTo("{\"device_id\":\"d\",\"twins\":[]}");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(home.resolve("devices/p.d.json"))))
        .isEqualTo("rw-------");
  }

  @Test
  void shouldNotTakeATokenOfAnotherPlatform() throws Exception {
    Files.createDirectories(home.resolve("devices"));
    Files.writeString(
        home.resolve("devices/p.d.json"), "{\"base_url\":\"http://other\",\"token\":\"t-0\"}");

    assertThat(tokens(null).known()).isEmpty();
  }

  @Test
  void shouldTakeTheTokenThatIsGiven() {
    assertThat(tokens("given").obtain(false)).isEqualTo("given");
    assertThat(platform.requests()).isEmpty();
  }

  @Test
  void shouldSayWhatToDoWhenTheDeviceIsThereAndItsTokenIsNot() {
    platform.usually(request -> Response.problem(409, "already_exists"));

    assertThatThrownBy(() -> tokens(null).obtain(false))
        .isInstanceOf(Unusable.class)
        .hasMessageContaining("PILOTHOUSE_DEVICE_TOKEN")
        .hasMessageContaining("--rotate-device");
  }

  @Test
  void shouldGiveItANewTokenWhenAsked() {
    assertThat(tokens(null).obtain(true)).isEqualTo("t-1");
    assertThat(platform.requests().getFirst())
        .hasToString("POST /api/v1/pilots/p/devices/d/rotate");
  }

  @Test
  void shouldRefuseWhatIsNoId() {
    assertThatThrownBy(() -> new DeviceTokens(api, "p", "../d", home, null))
        .isInstanceOf(Unusable.class);
  }

  private DeviceTokens tokens(String given) {
    return new DeviceTokens(api, "p", "d", home, given);
  }
}
