package org.pilothouse.platform.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pilothouse.kernel.Problem;
import org.pilothouse.kernel.ProblemCode;

class CursorTest {
  @Test
  void shouldReadWhatTheListGave() {
    assertThat(Cursor.read("devices", Cursor.of("devices", "press-4", "7"), 2))
        .containsExactly("press-4", "7");
  }

  @Test
  void shouldRefuseWhatItDidNotGive() {
    String given = Cursor.of("devices", "press-4");
    for (String bad :
        List.of("", "%%%", "AAAA", given.substring(1), given + "A", Cursor.of("people", "x"))) {
      assertThatThrownBy(() -> Cursor.read("devices", bad, 1))
          .isInstanceOfSatisfying(
              Problem.class,
              problem -> assertThat(problem.code()).isEqualTo(ProblemCode.INVALID_CURSOR));
    }
  }

  @Test
  void shouldSayThatThereIsMoreWhenOneRowTooManyWasRead() {
    Page<String> page = Page.of(List.of("a", "b", "c"), 2, row -> row, row -> "after " + row);
    assertThat(page.items()).containsExactly("a", "b");
    assertThat(page.nextCursor()).isEqualTo("after b");
    assertThat(Page.of(List.of("a", "b"), 2, row -> row, row -> row).nextCursor()).isNull();
  }

  @Test
  void shouldKeepTheLimitInItsRange() {
    assertThat(PageRequest.of(null, null).limit()).isEqualTo(50);
    assertThat(PageRequest.of("500", null).limit()).isEqualTo(500);
    for (String bad : List.of("0", "501", "-1", "x", "1e3", "")) {
      assertThatThrownBy(() -> PageRequest.of(bad, null)).isInstanceOf(Problem.class);
    }
  }

  @Test
  void shouldCompareRevisionsStrongly() {
    Revision revision = new Revision(7);
    assertThatCode(() -> revision.check("\"7\"")).doesNotThrowAnyException();
    assertThatCode(() -> revision.check("\"6\", \"7\"")).doesNotThrowAnyException();
    assertThatCode(() -> revision.check("*")).doesNotThrowAnyException();
    for (String other : List.of("\"8\"", "W/\"7\"", "7")) {
      assertThatThrownBy(() -> revision.check(other))
          .isInstanceOfSatisfying(
              Problem.class,
              problem -> assertThat(problem.code()).isEqualTo(ProblemCode.PRECONDITION_FAILED));
    }
    assertThatThrownBy(() -> revision.check(null))
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> assertThat(problem.code()).isEqualTo(ProblemCode.PRECONDITION_REQUIRED));
  }
}
