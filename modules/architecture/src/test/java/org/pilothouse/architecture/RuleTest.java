package org.pilothouse.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.EvaluationResult;
import java.nio.file.Files;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RuleTest {

  @ParameterizedTest
  @EnumSource
  void shouldHoldInTheHouse(Rule rule) {
    House house = House.real();

    rule.on(house).check(house.classes());
  }

  @ParameterizedTest
  @EnumSource
  void shouldReportExactlyItsFixtures(Rule rule) {
    House house = House.fixtures();

    EvaluationResult result = rule.on(house).evaluate(house.classes());

    assertThat(culprits(house, result))
        .as("%s", result.getFailureReport())
        .containsExactlyInAnyOrderElementsOf(rule.fixtures());
  }

  @ParameterizedTest
  @EnumSource
  void shouldExcuseOnlyWhoNeedsIt(Rule rule) {
    House house = House.real();

    assertThat(rule.exceptions())
        .allSatisfy(name ->
            assertThat(rule.violations(house, house.classes().get(name)))
                .as("%s is excused from %s and does not need it", name, rule)
                .isNotEmpty());
  }

  @Test
  void shouldReadEveryModule() {
    assertThat(Repository.modules())
        .filteredOn(module -> Files.isDirectory(module.resolve("src/main/java")))
        .allSatisfy(module -> assertThat(module.resolve("target/classes")).isNotEmptyDirectory());
    assertThat(House.real().rooms())
        .contains("kernel", "contracts", "pilots", "ingest", "webapp", "batch", "platform.kafka");
  }

  private static Set<String> culprits(House house, EvaluationResult result) {
    Set<String> names = new TreeSet<>();
    result.handleViolations((Collection<JavaClass> types, String message) ->
        types.forEach(type -> names.add(type.getName().substring(house.root().length() + 1))));
    return names;
  }
}
