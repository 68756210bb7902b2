package org.pilothouse.twins.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Names;
import org.pilothouse.twins.RelationshipType;

class BuiltInTypesTest {
  @Test
  void shouldHoldTheHierarchyToATree() {
    assertThat(BuiltInTypes.find(BuiltInTypes.CONTAINS).orElseThrow().rules())
        .isEqualTo(new RelationshipType.Rules(true, true));
  }

  @Test
  void shouldReadFromBothEndsAndBearIds() {
    assertThat(BuiltInTypes.all())
        .hasSize(7)
        .allSatisfy(type -> {
          assertThat(Names.isId(type.id())).isTrue();
          assertThat(type.label()).isPresent();
          assertThat(type.inverse()).isPresent();
          assertThat(type.builtIn()).isTrue();
        });
    assertThat(BuiltInTypes.find("feeds-on")).isEmpty();
  }

  @Test
  void shouldShowALongCycleShortened() {
    assertThat(RelationshipTypes.shown(List.of("a", "b"))).isEqualTo("a → b → a");
    assertThat(RelationshipTypes.shown(List.of("a", "b", "c", "d", "e", "f", "g", "h")))
        .isEqualTo("a → b → c → d → e → f → … (2 more) → a");
  }
}
