package org.pilothouse.webapp.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TenancyTableTest {

  @Test
  void shouldHaveOneRowForEveryOperation() {
    List<String> operations =
        ApiDocument.read().operations().stream().map(ApiDocument.Operation::id).toList();

    assertThat(TenancyTable.read().rows())
        .extracting(TenancyTable.Row::operation)
        .containsExactlyInAnyOrderElementsOf(operations);
  }

  @Test
  void shouldSayWhatHappensTowardsAnotherPilotWhereAnOperationNamesOne() {
    List<String> ofAPilot =
        ApiDocument.read().operations().stream()
            .filter(ApiDocument.Operation::isOfAPilot)
            .map(ApiDocument.Operation::id)
            .toList();

    assertThat(TenancyTable.read().rows())
        .filteredOn(row -> ofAPilot.contains(row.operation()))
        .allSatisfy(row -> assertThat(row.other()).as(row.operation()).hasSize(6));
  }
}
