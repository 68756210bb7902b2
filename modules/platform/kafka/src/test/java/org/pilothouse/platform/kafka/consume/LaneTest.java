package org.pilothouse.platform.kafka.consume;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pilothouse.platform.kafka.EventHeaders;

class LaneTest {
  private static final Partition PARTITION = new Partition("topic", 0);
  private static final ReaderSpec.Bounds BOUNDS =
      new ReaderSpec.Bounds(1, 3, 100_000, 10, 1_000_000);
  private static final ReaderSpec.Gathering NONE = ReaderSpec.Times.USUAL.gathering();
  private static final ReaderSpec.Gathering LONG = gathering(Duration.ofSeconds(10));
  private static final ReaderSpec.Gathering SHORT = gathering(Duration.ofNanos(1));

  private static ReaderSpec.Gathering gathering(Duration time) {
    return new ReaderSpec.Gathering(time, time, 0);
  }

  private static List<LogRecord> records(long... offsets) {
    List<LogRecord> records = new ArrayList<>();
    for (long offset : offsets) {
      records.add(new LogRecord(PARTITION, offset, 0, null, new byte[10], new EventHeaders()));
    }
    return records;
  }

  private static Lane lane(boolean storing) {
    return new Lane(PARTITION, 5, storing, null);
  }

  private static Batch begin(Lane lane, int most) {
    assertThat(lane.claim(BOUNDS, NONE)).isTrue();
    Batch batch = lane.begin(most, Long.MAX_VALUE);
    assertThat(batch).isNotNull();
    return batch;
  }

  private static List<Long> offsets(Batch batch) {
    return batch.records().stream().map(LogRecord::offset).toList();
  }

  @Test
  void shouldCountHolesAsAppliedWhenNothingWaits() {
    Lane lane = lane(false);
    lane.offer(records(5, 7), 10);
    Batch first = begin(lane, 1);
    assertThat(first.nextPosition()).isEqualTo(6);
    lane.applied(first);
    Batch second = begin(lane, 1);
    assertThat(second.nextPosition()).isEqualTo(10);
    lane.applied(second);

    assertThat(lane.toCommit()).isEqualTo(10);
    lane.offer(List.of(), 12);
    assertThat(lane.toCommit()).isEqualTo(12);
  }

  @Test
  void shouldCutABatchAtItsBytesButNeverTakeNothing() {
    Lane lane = lane(false);
    lane.offer(records(5, 6, 7), 8);
    int weight = records(5).getFirst().weight();
    assertThat(lane.claim(BOUNDS, NONE)).isTrue();
    Batch two = lane.begin(10, 2L * weight);
    assertThat(two).isNotNull();
    assertThat(offsets(two)).containsExactly(5L, 6L);
    lane.applied(two);

    assertThat(lane.claim(BOUNDS, NONE)).isTrue();
    Batch one = lane.begin(10, 1);
    assertThat(one).isNotNull();
    assertThat(offsets(one)).containsExactly(7L);
    assertThat(lane.queuedBytes()).isZero();
  }

  @Test
  void shouldGatherAfterABatchUnlessAWholeOneWaits() {
    Lane lane = lane(false);
    lane.offer(records(5), 6);
    assertThat(lane.claim(BOUNDS, LONG)).as("the first does not wait").isTrue();
    Batch first = lane.begin(3, 100_000);
    assertThat(first).isNotNull();
    lane.applied(first);

    lane.offer(records(6, 7), 8);
    assertThat(lane.claim(BOUNDS, LONG)).isFalse();
    assertThat(lane.claim(BOUNDS, NONE)).as("the time is over").isTrue();
    lane.unclaim();
    lane.offer(records(8), 9);
    assertThat(lane.claim(BOUNDS, LONG)).as("a whole batch waits").isTrue();
  }

  @Test
  void shouldGatherForLongerWhereMoreThanAFewWait() {
    ReaderSpec.Gathering gathering =
        new ReaderSpec.Gathering(Duration.ofNanos(1), Duration.ofSeconds(10), 1);
    Lane lane = lane(false);
    lane.offer(records(5), 6);
    lane.applied(begin(lane, 3));

    lane.offer(records(6), 7);
    assertThat(lane.claim(BOUNDS, gathering)).as("few wait").isTrue();
    lane.unclaim();
    lane.offer(records(7), 8);
    assertThat(lane.claim(BOUNDS, gathering)).as("many wait").isFalse();
    lane.offer(records(8), 9);
    assertThat(lane.claim(BOUNDS, gathering)).as("a whole batch waits").isTrue();
  }

  @Test
  void shouldWaitForAWholeBatchWhileMoreThanThatIsToBeBrought() {
    Lane lane = lane(false);
    lane.offer(records(5), 6);
    Batch first = begin(lane, 3);
    lane.applied(first);

    lane.offer(records(6, 7), 8);
    assertThat(lane.isBehind(null, 0, 3)).as("the end is not known").isFalse();
    assertThat(lane.isBehind(12L, 0, 3)).isTrue();
    assertThat(lane.claim(BOUNDS, SHORT)).isFalse();
    assertThat(lane.isBehind(11L, 0, 3)).as("the rest may be less").isFalse();
    assertThat(lane.claim(BOUNDS, SHORT)).isTrue();
    lane.unclaim();
    lane.offer(records(8), 9);
    assertThat(lane.isBehind(20L, 0, 3)).isTrue();
    assertThat(lane.isBehind(20L, 18, 3)).as("most is not kept any more").isFalse();
    assertThat(lane.claim(BOUNDS, SHORT)).as("a whole batch waits").isTrue();
  }

  @Test
  void shouldNotGatherWhileRecordsAreTriedOneByOne() {
    Lane lane = lane(false);
    lane.offer(records(5, 6), 7);
    assertThat(lane.claim(BOUNDS, LONG)).isTrue();
    assertThat(lane.begin(3, 100_000)).isNotNull();
    lane.tryOneByOne();
    assertThat(lane.claim(BOUNDS, LONG)).isTrue();
  }

  @Test
  void shouldNotCommitWhatItForgotWhenItWasClosedWithABatchUnderWay() {
    Lane lane = lane(false);
    lane.offer(records(5, 6, 7), 8);
    Batch batch = begin(lane, 1);
    lane.stop();
    lane.applied(batch);
    lane.close(0);

    assertThat(lane.toCommit()).isEqualTo(6);
    assertThat(lane.claim(BOUNDS, NONE)).isFalse();
  }

  @Test
  void shouldNotCountABatchThatEndsAfterItsPartitionWentAway() {
    Lane lane = lane(false);
    lane.offer(records(5), 6);
    Batch batch = begin(lane, 10);
    lane.close(0);
    lane.applied(batch);

    assertThat(lane.position()).isEqualTo(5);
    assertThat(lane.isBusy()).isFalse();
  }

  @Test
  void shouldKeepTheOrderWhenABatchIsSplitAndTriedOneByOne() {
    Lane lane = lane(false);
    lane.offer(records(5, 6, 7, 8), 9);
    var whole = begin(lane, 10);
    assertThat(offsets(whole)).containsExactly(5L, 6L, 7L, 8L);
    lane.splitBefore(2);
    Batch before = begin(lane, 10);
    assertThat(offsets(before)).containsExactly(5L, 6L);
    assertThat(before.nextPosition()).isEqualTo(7);
    lane.applied(before);
    Batch rest = begin(lane, 10);
    assertThat(offsets(rest)).containsExactly(7L, 8L);
    lane.tryOneByOne();
    Batch single = begin(lane, 10);
    assertThat(offsets(single)).containsExactly(7L);
    lane.rejected(single.records().get(0), true);
    Batch last = begin(lane, 10);
    assertThat(offsets(last)).containsExactly(8L);
    lane.applied(last);

    assertThat(lane.toCommit()).isEqualTo(9);
  }

  @Test
  void shouldLetTheEffectStoreThePositionBehindARejectedRecord() {
    Lane lane = lane(true);
    lane.offer(records(7, 8), 9);
    Batch batch = begin(lane, 10);
    assertThat(batch.position()).isEqualTo(5);
    lane.rejected(batch.records().get(0), false);
    Batch advance = begin(lane, 10);
    assertThat(advance.records()).isEmpty();
    assertThat(advance.position()).isEqualTo(5);
    assertThat(advance.nextPosition()).isEqualTo(8);
    lane.applied(advance);
    Batch next = begin(lane, 10);

    assertThat(offsets(next)).containsExactly(8L);
    assertThat(next.position()).isEqualTo(8);
  }

  @Test
  void shouldWaitForTheBatchOfAnEarlierAssignment() {
    Lane earlier = lane(false);
    earlier.offer(records(5), 6);
    Batch underWay = begin(earlier, 1);
    earlier.close(0);
    Lane lane = new Lane(PARTITION, 5, false, earlier);
    lane.offer(records(5), 6);

    assertThat(lane.claim(BOUNDS, NONE)).isTrue();
    assertThat(lane.begin(1, Long.MAX_VALUE)).isNull();
    earlier.applied(underWay);
    assertThat(offsets(begin(lane, 1))).containsExactly(5L);
  }

  @Test
  void shouldRestAfterAFailureAndThenTryTheSameAgain() {
    Lane lane = lane(false);
    lane.offer(records(5, 6), 7);
    var first = begin(lane, 10);
    assertThat(lane.failed("IOException")).isEqualTo(1);
    lane.rest(60_000);
    assertThat(lane.claim(BOUNDS, NONE)).isFalse();
    lane.rest(0);
    Batch again = begin(lane, 10);

    assertThat(offsets(again)).isEqualTo(offsets(first));
    assertThat(lane.failure()).isEqualTo("IOException");
    lane.applied(again);
    assertThat(lane.failure()).isNull();
  }

  @Test
  void shouldBeginAgainWhenItsTopicWasMadeAnew() {
    Lane lane = lane(false);
    lane.offer(records(0, 1), 2);
    lane.applied(begin(lane, 10));

    assertThat(lane.toCommit()).isEqualTo(2);
  }
}
