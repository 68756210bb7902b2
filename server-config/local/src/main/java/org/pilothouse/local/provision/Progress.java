package org.pilothouse.local.provision;

import java.io.PrintStream;
import java.time.Duration;
import java.util.function.Supplier;

/** Tells the person at the terminal what takes time, and how long it took. */
public record Progress(PrintStream out) {

  public void say(String line) {
    out.println(line);
    out.flush();
  }

  public <T> T step(String what, Supplier<T> work) {
    out.print(what + " … ");
    out.flush();
    long start = System.nanoTime();
    boolean done = false;
    try {
      T result = work.get();
      done = true;
      return result;
    } finally {
      out.println(
          (done ? "" : "failed after ") + seconds(Duration.ofNanos(System.nanoTime() - start)));
      out.flush();
    }
  }

  public void step(String what, Runnable work) {
    step(
        what,
        () -> {
          work.run();
          return true;
        });
  }

  public static String seconds(Duration duration) {
    long tenths = Math.round(duration.toMillis() / 100.0);
    return tenths / 10 + "." + tenths % 10 + " s";
  }
}
