package org.pilothouse.platform.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;
import org.pilothouse.kernel.Settings;
import org.pilothouse.kernel.Settings.InvalidSetting;

class EndpointRulesTest {
  private static final String LISTED =
      "s3.example.org, *.stores.example.net, minio.example.org:9000, 127.0.0.1:9100,"
          + " localhost:9200, [::1]:9300, 10.0.0.5:9400";

  private final EndpointRules rules =
      new EndpointRules(LISTED, host -> new InetAddress[] {InetAddress.getByName(host)});

  @Test
  void shouldNameTheOriginsThatSignedUrlsMayLeadTo() {
    assertThat(rules.origins())
        .containsExactly(
            "http://10.0.0.5:9400",
            "http://127.0.0.1:9100",
            "http://localhost:9200",
            "http://minio.example.org:9000",
            "https://*.stores.example.net",
            "https://10.0.0.5:9400",
            "https://127.0.0.1:9100",
            "https://localhost:9200",
            "https://minio.example.org:9000",
            "https://s3.example.org");
  }

  @ParameterizedTest
  @CsvSource({
    "https://s3.example.org, https://s3.example.org",
    "https://S3.Example.ORG:443/, https://s3.example.org:443",
    "https://north.stores.example.net, https://north.stores.example.net",
    "https://a.b.stores.example.net, https://a.b.stores.example.net",
    "https://minio.example.org:9000, https://minio.example.org:9000",
    "http://minio.example.org:9000, http://minio.example.org:9000",
    "http://127.0.0.1:9100, http://127.0.0.1:9100",
    "http://localhost:9200, http://localhost:9200",
    "http://[::1]:9300, http://[::1]:9300",
    "http://[0:0:0:0:0:0:0:1]:9300, http://[0:0:0:0:0:0:0:1]:9300"
  })
  void shouldTakeWhatIsListed(String given, String kept) {
    assertThat(rules.check(given)).isEqualTo(URI.create(kept));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://s3.example.org",
        "http://north.stores.example.net",
        "https://s3.example.org:8443",
        "https://stores.example.net",
        "https://evilstores.example.net",
        "https://s3.example.org.evil.test",
        "https://minio.example.org",
        "https://minio.example.org:9001",
        "https://169.254.169.254",
        "http://169.254.169.254",
        "http://127.0.0.1:9101",
        "http://127.0.0.1",
        "https://127.0.0.1",
        "https://localhost",
        "https://[::ffff:127.0.0.1]:9100",
        "https://[64:ff9b::a9fe:a9fe]"
      })
  void shouldRefuseWhatIsNotListed(String given) {
    assertThatThrownBy(() -> rules.check(given))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> assertThat(problem.code()).isEqualTo(ProblemCode.ENDPOINT_NOT_ALLOWED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "s3.example.org",
        "https:s3.example.org",
        "ftp://s3.example.org",
        "file:///etc/passwd",
        "https://",
        "https://user@s3.example.org",
        "https://user:secret@s3.example.org",
        "https://s3.example.org/bucket",
        "https://s3.example.org/..",
        "https://s3.example.org?x=1",
        "https://s3.example.org#x",
        "https://s3.example.org:0",
        "https://s3.example.org:65536",
        "https://s3.example.org:99999999999",
        "https://s3.example.org.",
        "https://s3_.example.org",
        "https://s3.exämple.org",
        "https://0x7f.1",
        "https://0x7f000001",
        "https://2130706433",
        "https://127.1",
        "https://017700000001",
        "https://127.0.0.01",
        "https://[fe80::1%25eth0]:9000",
        "https://s3.example.org\\@evil.test",
        "https://s3.example.org\r\nHost: evil.test"
      })
  void shouldRefuseWhatIsNoEndpoint(String given) {
    assertThatThrownBy(() -> rules.check(given))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> {
              assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_VALUE);
              assertThat(problem.path()).isEqualTo("/endpoint");
            });
  }

  @Test
  void shouldListNothingByItself() {
    EndpointRules none = EndpointRules.from(new Settings(Map.of(), Map.of()));

    assertThatThrownBy(() -> none.check("https://s3.example.org"))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> assertThat(problem.code()).isEqualTo(ProblemCode.ENDPOINT_NOT_ALLOWED));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"*", "*.", "https://x", "a b", "x:0", "x:70000", "a,,b", "x/y", "*.*.x", "127.1"})
  void shouldRefuseAListThatCannotBeMeant(String list) {
    assertThatThrownBy(() -> new EndpointRules(list, InetAddress::getAllByName))
        .isInstanceOf(InvalidSetting.class)
        .hasMessageContaining(EndpointRules.KEY);
  }

  @Test
  void shouldRefuseANameThatLeadsInside() {
    assertRefused("https://s3.example.org", "127.0.0.1");
    assertRefused("https://s3.example.org", "169.254.169.254");
    assertRefused("https://s3.example.org", "10.0.0.5");
    assertRefused("https://s3.example.org", "fd00:ec2::254");
    assertRefused("https://north.stores.example.net", "::1");
    assertRefused("http://minio.example.org:9000", "192.168.0.7");
    assertRefused("https://s3.example.org", "8.8.8.8", "127.0.0.1");
  }

  @Test
  void shouldConnectToPublicAddressesAndToListedOnes() throws Exception {
    assertThat(resolved("https://s3.example.org", "8.8.8.8", "2600::1")).hasSize(2);
    assertThat(resolved("http://127.0.0.1:9100", "127.0.0.1")).hasSize(1);
    assertThat(resolved("http://[::1]:9300", "::1")).hasSize(1);
    assertThat(resolved("http://localhost:9200", "127.0.0.1", "::1")).hasSize(2);
  }

  @Test
  void shouldNotTakeTheListedPortOfALoopbackForAnother() {
    assertRefused("http://127.0.0.1:9200", "127.0.0.1");
    assertRefused("http://localhost:9300", "127.0.0.1");
    assertRefused("http://localhost:9200", "10.0.0.1");
  }

  @Test
  void shouldLetANamePassThatNobodyKnowsYet() {
    EndpointRules nameless =
        new EndpointRules(
            LISTED,
            host -> {
              throw new UnknownHostException(host);
            });

    nameless.checkAddresses(URI.create("https://s3.example.org"));
    assertThatThrownBy(() -> nameless.resolve(URI.create("https://s3.example.org")))
        .isInstanceOf(UnknownHostException.class)
        .isNotInstanceOf(EndpointRules.RefusedAddress.class);
  }

  @Test
  void shouldRefuseAnAddressThatCanBeReadInTwoWays() {
    EndpointRules ambiguous =
        new EndpointRules(
            LISTED,
            host -> {
              throw new IllegalArgumentException(host);
            });

    assertThatThrownBy(() -> ambiguous.resolve(URI.create("https://s3.example.org")))
        .isInstanceOf(EndpointRules.RefusedAddress.class);
  }

  private static void assertRefused(String endpoint, String... addresses) {
    assertThatThrownBy(() -> resolved(endpoint, addresses))
        .as("%s at %s", endpoint, String.join(",", addresses))
        .isInstanceOf(EndpointRules.RefusedAddress.class);
  }

  private static InetAddress[] resolved(String endpoint, String... addresses)
      throws UnknownHostException {
    InetAddress[] found = new InetAddress[addresses.length];
    for (int i = 0; i < found.length; i++) {
      found[i] = InetAddress.getByName(addresses[i]);
    }
    return new EndpointRules(LISTED, host -> found).resolve(URI.create(endpoint));
  }
}
