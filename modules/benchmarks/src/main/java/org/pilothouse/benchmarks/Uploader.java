package org.pilothouse.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.pilothouse.ctl.api.ApiProblem;

/**
 * Sends one file after the other into the hold, through whatever happens, and keeps a ledger of
 * what was acknowledged: available, in quarantine, withdrawn.
 */
final class Uploader implements Runnable {
  private static final int LARGEST = 20_000_000;

  /** What a dataset must be in the end. */
  enum Promise {
    AVAILABLE,
    QUARANTINED,
    WITHDRAWN,
    /** Withdrawn, and its time is over. */
    REMOVED
  }

  /** What was acknowledged of one. */
  record Entry(Promise promise, String checksum, long size) {}

  private final Sender sender;
  private final Random random;
  private final Map<String, Entry> ledger = new ConcurrentHashMap<>();
  private final AtomicLong lastNanos = new AtomicLong(System.nanoTime());
  private volatile boolean ended;
  private volatile String trouble = "";

  /**
   * @param store where parts are sent to, instead of the host that their URLs were signed for
   */
  Uploader(Stack stack, URI store, String pilot, long seed) {
    this.sender = new Sender(stack, store, pilot);
    this.random = new Random(seed);
  }

  Map<String, Entry> ledger() {
    return Map.copyOf(ledger);
  }

  /** When something was acknowledged last. */
  long last() {
    return lastNanos.get();
  }

  /** Why it gave up; empty where it did not. */
  String trouble() {
    return trouble;
  }

  /** The file under way is brought to its end, and no other begun. */
  void end() {
    ended = true;
  }

  @Override
  public void run() {
    try (sender) {
      while (!ended) {
        one();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ApiProblem | IOException e) {
      trouble = e.toString();
    }
  }

  private void one() throws IOException, InterruptedException {
    byte[] bytes = new byte[random.nextInt(10) == 0 ? LARGEST : random.nextInt(50_000)];
    random.nextBytes(bytes);
    String checksum = Sender.checksum(bytes);
    boolean lies = random.nextInt(8) == 0;
    String said = lies ? Sender.checksum(new byte[] {1}) : checksum;
    String dataset = sender.upload("chaos-" + random.nextInt(20), bytes, said);
    Promise promise = lies ? Promise.QUARANTINED : Promise.AVAILABLE;
    acknowledged(dataset, new Entry(promise, checksum, bytes.length));
    if (!lies && random.nextInt(5) == 0) {
      String path = sender.path(dataset);
      var unused = sender.patiently(() -> sender.api().delete(path));
      acknowledged(dataset, new Entry(Promise.WITHDRAWN, checksum, bytes.length));
      if (random.nextBoolean()) {
        restore(path);
        acknowledged(dataset, new Entry(Promise.AVAILABLE, checksum, bytes.length));
      }
    }
  }

  /** Where the answer is lost, it is no longer there to be restored: then it is available. */
  private void restore(String path) throws InterruptedException {
    try {
      var unused = sender.patiently(() -> sender.api().post(path + "/restore", null));
    } catch (ApiProblem problem) {
      if (problem.status() != 409) {
        throw problem;
      }
    }
  }

  private void acknowledged(String dataset, Entry entry) {
    ledger.put(dataset, entry);
    lastNanos.set(System.nanoTime());
  }
}
