package org.pilothouse.platform.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublicAddressesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "168.63.129.15",
        "192.167.255.255",
        "223.255.255.255",
        "2600::1",
        "2a00:1450:4001:810::200e",
        "64:ff9b::8.8.8.8"
      })
  void shouldLetThroughWhatIsPublic(String address) throws Exception {
    assertThat(PublicAddresses.holds(InetAddress.getByName(address))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, unspecified",
    "0.1.2.3, this network",
    "10.0.0.1, private",
    "100.64.0.1, carrier-grade NAT",
    "100.100.100.200, metadata in carrier-grade NAT",
    "127.0.0.1, loopback",
    "127.255.255.254, loopback",
    "169.254.169.254, metadata",
    "169.254.170.2, metadata of containers",
    "172.16.0.1, private",
    "172.31.255.255, private",
    "168.63.129.16, metadata",
    "192.0.0.192, metadata",
    "192.0.2.1, documentation",
    "192.88.99.1, 6to4 relays",
    "192.168.1.1, private",
    "198.18.0.1, benchmarks",
    "198.51.100.1, documentation",
    "203.0.113.1, documentation",
    "224.0.0.1, multicast",
    "240.0.0.1, reserved",
    "255.255.255.255, broadcast",
    "'::', unspecified",
    "'::1', loopback",
    "'::127.0.0.1', IPv4-compatible",
    "'::ffff:127.0.0.1', IPv4-mapped",
    "'::ffff:169.254.169.254', IPv4-mapped metadata",
    "'::ffff:0:127.0.0.1', translated",
    "'64:ff9b::127.0.0.1', NAT64 of loopback",
    "'64:ff9b::169.254.169.254', NAT64 of metadata",
    "'64:ff9b::10.0.0.1', NAT64 of private",
    "'64:ff9b:1::1', local NAT64",
    "'100::1', discarded",
    "'2001::1', Teredo",
    "'2001:db8::1', documentation",
    "'2002:7f00:1::1', 6to4 of loopback",
    "'2002:808:808::1', 6to4",
    "'3fff::1', documentation",
    "'fc00::1', unique local",
    "'fd00:ec2::254', metadata",
    "'fe80::1', link-local",
    "'fec0::1', site-local",
    "'ff02::1', multicast"
  })
  void shouldRefuseWhatIsNot(String address, String kind) throws Exception {
    assertThat(PublicAddresses.holds(InetAddress.getByName(address))).as(kind).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, false", "169.254.169.254, false", "8.8.8.8, true"})
  void shouldLookThroughAMappedAddressInItsLongForm(String address, boolean open) throws Exception {
    byte[] bytes = new byte[16];
    bytes[10] = (byte) 0xff;
    bytes[11] = (byte) 0xff;
    System.arraycopy(InetAddress.getByName(address).getAddress(), 0, bytes, 12, 4);

    // The JDK would make an IPv4 address of it.
    assertThat(PublicAddresses.holds(java.net.Inet6Address.getByAddress("mapped", bytes, 0)))
        .isEqualTo(open);
  }
}
