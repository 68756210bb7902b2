package org.pilothouse.jobs.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GatheringTest {
  @Test
  void shouldAnswerEachAndDoTogetherWhatWaits() throws Exception {
    CountDownLatch first = new CountDownLatch(1);
    List<Integer> lots = Collections.synchronizedList(new ArrayList<>());
    Gathering<Integer, Integer> doubling =
        new Gathering<>(
            10,
            lot -> {
              lots.add(lot.size());
              try {
                first.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return lot.stream().map(n -> 2 * n).toList();
            });
    try (ExecutorService pool = Executors.newFixedThreadPool(25)) {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 25; i++) {
        int n = i;
        answers.add(pool.submit(() -> doubling.call(n)));
      }
      first.countDown();
      for (int i = 0; i < 25; i++) {
        assertThat(answers.get(i).get()).isEqualTo(2 * i);
      }
    }
    assertThat(lots.stream().mapToInt(Integer::intValue).sum()).isEqualTo(25);
    assertThat(lots).allSatisfy(size -> assertThat(size).isLessThanOrEqualTo(10));
  }

  @Test
  void shouldNotLetOneSpoilTheOthers() throws Exception {
    Gathering<Integer, Integer> picky =
        new Gathering<>(
            100,
            lot -> {
              if (lot.contains(7)) {
                throw new IllegalArgumentException("not 7");
              }
              return lot;
            });
    try (ExecutorService pool = Executors.newFixedThreadPool(16)) {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        int n = i;
        answers.add(pool.submit(() -> picky.call(n)));
      }
      for (int i = 0; i < 16; i++) {
        Future<Integer> answer = answers.get(i);
        if (i == 7) {
          assertThatThrownBy(answer::get).hasRootCauseInstanceOf(IllegalArgumentException.class);
        } else {
          assertThat(answer.get()).isEqualTo(i);
        }
      }
    }
  }
}
