package org.pilothouse.datasets.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContractSchemaTest {
  private final ContractSchema schema = new ContractSchema();

  @Test
  void shouldTakeWhatKeepsToTheStandard() {
    assertThat(schema.faults(Contracts.whole())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~                         | version    | '1.0'        | /version                          | invalid_value",
        "~~                         | status     | 'gone'       | /status                           | invalid_value",
        "~~                         | apiVersion | 'v2.2.2'     | /apiVersion                       | invalid_value",
        "~~                         | owner      | 'ada'        | /owner                            | unknown_field",
        "~~                         | schema     | {}           | /schema                           | invalid_value",
        "/schema/0/properties/1     | logicalType| 'decimal'    | /schema/0/properties/1/logicalType| invalid_value",
        "/schema/0/properties/1     | name       | 'time'       | /schema/0/properties/1/name       | invalid_value",
        "/schema/0/properties/1     | required   | 'yes'        | /schema/0/properties/1/required   | invalid_value",
        "/schema/0/quality/0        | mustBe     | 3            | /schema/0/quality/0               | invalid_value",
        "/schema/0/quality/0        | metric     | 'freshness'  | /schema/0/quality/0/metric        | invalid_value",
        "/slaProperties/0           | value      | [1]          | /slaProperties/0/value            | invalid_value",
        "/team/members/0            | dateIn     | 'yesterday'  | /team/members/0/dateIn            | invalid_value",
        "/description               | purpose    | 'a\\u0000b'  | /description/purpose              | invalid_value"
      })
  void shouldSayWhereItDoesNot(String at, String name, String value, String path, String code) {
    ObjectNode contract = Contracts.whole();
    Contracts.at(contract, at)
        .set(name, Contracts.read("{\"v\":" + value.replace('\'', '"') + "}").get("v"));

    assertThat(schema.faults(contract))
        .anySatisfy(fault -> {
          assertThat(fault.path()).isEqualTo(path);
          assertThat(fault.code()).isEqualTo(code);
          assertThat(fault.detail()).contains(path);
        });
  }

  @Test
  void shouldSayWhatIsMissing() {
    ObjectNode contract = Contracts.whole();
    contract.remove("status");
    Contracts.at(contract, "/slaProperties/0").remove("property");
    Contracts.at(contract, "/servers/0").remove("location");

    assertThat(schema.faults(contract))
        .extracting(Fault::path)
        .containsExactlyInAnyOrder("/status", "/slaProperties/0/property", "/servers/0/location");
  }

  @Test
  void shouldTellOfAHundredFaultsAtMost() {
    ObjectNode contract = Contracts.whole();
    for (int i = 0; i < 500; i++) {
      contract.put("unheard" + i, i);
    }

    assertThat(schema.faults(contract)).hasSize(100);
  }
}
