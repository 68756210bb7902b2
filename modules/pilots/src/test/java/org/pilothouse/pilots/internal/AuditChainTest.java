package org.pilothouse.pilots.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuditChainTest {
  private static List<AuditChain.Entry> chain(int length) {
    List<AuditChain.Entry> entries = new ArrayList<>();
    byte[] previous = AuditChain.GENESIS;
    for (int i = 1; i <= length; i++) {
      AuditChain.Entry entry =
          AuditChain.append(
              previous,
              i,
              Instant.ofEpochSecond(1_700_000_000 + i, 123_456_789),
              "person:ada",
              i % 2 == 0 ? "aurora" : null,
              "test",
              null,
              "allowed",
              Map.of("b", "2", "a", Integer.toString(i)));
      entries.add(entry);
      previous = entry.hash();
    }
    return entries;
  }

  private static Long verify(List<AuditChain.Entry> entries, AuditChain.Entry head) {
    AuditChain.Verifier verifier = new AuditChain.Verifier();
    for (AuditChain.Entry entry : entries) {
      if (!verifier.take(entry)) {
        break;
      }
    }
    verifier.end(head.sequence(), head.hash());
    return verifier.brokenAt();
  }

  @Test
  void shouldHoldWhenNothingWasTouched() {
    List<AuditChain.Entry> entries = chain(5);
    assertThat(verify(entries, entries.getLast())).isNull();
  }

  @Test
  void shouldBreakWhereAnEntryIsMissingOrMoved() {
    List<AuditChain.Entry> entries = chain(5);
    AuditChain.Entry head = entries.getLast();
    List<AuditChain.Entry> missing = new ArrayList<>(entries);
    missing.remove(2);
    assertThat(verify(missing, head)).isEqualTo(3);
    assertThat(verify(entries.subList(0, 4), head)).isEqualTo(5);
    List<AuditChain.Entry> moved = new ArrayList<>(entries);
    moved.add(1, moved.remove(3));
    assertThat(verify(moved, head)).isEqualTo(2);
  }

  @Test
  void shouldBreakWhenOneFieldIsChanged() {
    List<AuditChain.Entry> entries = chain(3);
    AuditChain.Entry e = entries.get(1);
    List<AuditChain.Entry> changed = new ArrayList<>(entries);
    changed.set(
        1,
        new AuditChain.Entry(
            e.sequence(),
            e.time(),
            e.actor(),
            "boreas",
            e.action(),
            e.resource(),
            e.outcome(),
            e.detail(),
            e.previousHash(),
            e.hash()));
    assertThat(verify(changed, entries.getLast())).isEqualTo(2);
  }
}
