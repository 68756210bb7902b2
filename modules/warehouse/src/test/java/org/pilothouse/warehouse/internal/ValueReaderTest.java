package org.pilothouse.warehouse.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is read without the parser is read as the parser would have. */
class ValueReaderTest {
  private final ValueReader reader = new ValueReader();
  private final PlainValues plain = new PlainValues();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"id\":\"e-1\",\"twin\":\"t\",\"time\":\"2026-11-28T00:00:00Z\",\"values\":{\"a\":1.25,\"b\":-7,\"c\":true,\"d\":false,\"e\":\"on\"}}",
        " { \"values\" : { \"a\" : 0 , \"b\" :\t0.0,\"c\":-0.0 } , \"after\" : 1 }\r\n",
        "{\"values\":{\"\":\"\",\"a/b\":\"x/y\",\"del\":\"\u007f\"}}",
        "{\"values\":{\"a\":123456789012345,\"b\":-123456789012345,\"c\":0.00000000000001}}"
      })
  void shouldReadThePlainFormAsTheParserDoes(String line) throws Exception {
    assertThat(plain.read(line.getBytes(UTF_8), (name, token, value) -> {})).isTrue();
    assertThat(read(line)).isEqualTo(parsed(line)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "{\"values\":{}}",
        "{\"values\":1}",
        "{\"value\":{\"a\":1}}",
        "{\"values\":{\"a\":null}}",
        "{\"values\":{\"a\":-0}}",
        "{\"values\":{\"a\":1e3}}",
        "{\"values\":{\"a\":1234567890123456}}",
        "{\"values\":{\"a\":99999999999999999999}}",
        "{\"values\":{\"a\":1e999}}",
        "{\"values\":{\"a\":01}}",
        "{\"values\":{\"a\":1.}}",
        "{\"values\":{\"a\":.5}}",
        "{\"values\":{\"a\":+1}}",
        "{\"values\":{\"a\":NaN}}",
        "{\"values\":{\"a\":tru}}",
        "{\"values\":{\"a\":truee}}",
        "{\"values\":{\"a\":[1]}}",
        "{\"values\":{\"a\":{\"b\":1}}}",
        "{\"values\":{\"a\":\"\\u0041\"}}",
        "{\"values\":{\"a\":\"ü\"}}",
        "{\"values\":{\"ü\":1}}",
        "{\"values\":{\"a\":\"\t\"}}",
        "{\"values\":{\"a\":1,\"a\":2}}",
        "{\"values\":{\"a\":1},\"values\":{\"b\":1}}",
        "{\"id\":1,\"values\":{\"a\":1},\"id\":2}",
        "{\"more\":{\"x\":1},\"values\":{\"a\":1}}",
        "{\"values\":{\"a\":1}",
        "{\"values\":{\"a\":1}}}",
        "{\"values\":{\"a\":1}} 1",
        "{\"values\":{\"a\":1}}ü",
        "{\"values\":{\"a\":1,}}",
        "{\"values\":{\"a\" 1}}",
        "\uFEFF{\"values\":{\"a\":1}}"
      })
  void shouldLeaveAnyOtherFormToTheParser(String line) throws Exception {
    List<String> handedOn = new ArrayList<>();
    assertThat(plain.read(line.getBytes(UTF_8), (name, token, value) -> handedOn.add(name)))
        .isFalse();
    assertThat(handedOn).isEmpty();
    assertThat(read(line)).isEqualTo(parsed(line));
  }

  @Test
  void shouldReadTheSameNumbersAsTheParser() throws Exception {
    Random random = new Random(5);
    int plainOnes = 0;
    for (int i = 0; i < 20_000; i++) {
      String number =
          switch (i % 4) {
            case 0 -> String.format(Locale.ROOT, "%." + (1 + i % 14) + "f", random.nextDouble());
            case 1 -> String.format(Locale.ROOT, "%.3f", random.nextGaussian() * 1e6);
            case 2 -> Long.toString(random.nextLong() >> random.nextInt(64));
            default -> Double.toString(random.nextGaussian());
          };
      String line = "{\"values\":{\"a\":" + number + "}}";
      if (plain.read(line.getBytes(UTF_8), (name, token, value) -> {})) {
        plainOnes++;
      }
      assertThat(read(line)).as(number).isEqualTo(parsed(line));
    }
    assertThat(plainOnes).as("read without the parser").isGreaterThan(10_000);
  }

  @Test
  void shouldReadTheSameWhateverIsBroken() throws Exception {
    byte[] whole =
        "{\"id\":\"e-1\",\"values\":{\"a\":1.25,\"b\":-7,\"c\":true,\"d\":\"on\"}}".getBytes(UTF_8);
    Random random = new Random(9);
    byte[] signs = "{}[]\",:.-+eE0123456789 \\tfn\n\u00fc".getBytes(UTF_8);
    for (int i = 0; i < 50_000; i++) {
      byte[] broken = whole.clone();
      for (int change = 0; change <= i % 3; change++) {
        broken[random.nextInt(broken.length)] = signs[random.nextInt(signs.length)];
      }
      assertThat(read(broken)).as(new String(broken, UTF_8)).isEqualTo(parsed(broken));
    }
  }

  @Test
  void shouldLeaveObjectsOfManyMembersToTheParser() throws Exception {
    StringBuilder line = new StringBuilder("{\"values\":{");
    for (int i = 0; i < 500; i++) {
      line.append(i == 0 ? "" : ",").append("\"p").append(i).append("\":").append(i);
    }
    line.append("}}");

    assertThat(read(line.toString())).isEqualTo(parsed(line.toString())).hasSize(500);
  }

  private List<String> read(String line) {
    return read(line.getBytes(UTF_8));
  }

  private static List<String> parsed(String line) {
    return parsed(line.getBytes(UTF_8));
  }

  /** Also what was handed on before it turned out that no row can be made of it. */
  private List<String> read(byte[] line) {
    List<String> taken = new ArrayList<>();
    try {
      reader.read(line, (name, token, value) -> taken.add(told(name, token, value)));
    } catch (Unconvertible e) {
      return List.of(e.reason(), e.detail());
    }
    return taken;
  }

  private static List<String> parsed(byte[] line) {
    List<String> taken = new ArrayList<>();
    try {
      ValueReader.parse(line, (name, token, value) -> taken.add(told(name, token, value)));
    } catch (Unconvertible e) {
      return List.of(e.reason(), e.detail());
    }
    return taken;
  }

  private static String told(String name, JsonToken token, Scalar value) throws IOException {
    StringBuilder told = new StringBuilder(name).append(' ').append(token);
    told.append(' ').append(value.literal());
    if (token == JsonToken.VALUE_STRING) {
      told.append(' ').append(value.text()).append(' ').append(value.binary().toStringUsingUTF8());
    } else if (token.isNumeric()) {
      told.append(' ').append(Double.doubleToRawLongBits(value.number()));
      if (token == JsonToken.VALUE_NUMBER_INT && value.isLong()) {
        told.append(' ').append(value.whole());
      }
    }
    return told.toString();
  }
}
