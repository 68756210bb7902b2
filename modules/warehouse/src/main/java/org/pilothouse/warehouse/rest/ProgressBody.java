package org.pilothouse.warehouse.rest;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pilothouse.warehouse.internal.Share;

/** How far the reading of a run is, in offsets. */
record ProgressBody(
    long recordsDone, long recordsTotal, @Nullable Double recordsPerS, @Nullable Long secondsLeft) {
  /** Null where nothing is frozen yet. */
  static @Nullable ProgressBody of(List<Share> shares, Instant now) {
    if (shares.isEmpty()) {
      return null;
    }
    long done = 0;
    long total = 0;
    double perSecond = 0;
    for (Share share : shares) {
      done += share.readTo() - share.from();
      total += share.to() - share.from();
      Double rate = share.perSecond(now);
      if (rate != null && share.finishedAt() == null) {
        perSecond += rate;
      }
    }
    // What is read now goes on as fast, and makes room for what waits.
    return perSecond <= 0
        ? new ProgressBody(done, total, null, null)
        : new ProgressBody(done, total, perSecond, Math.round((total - done) / perSecond));
  }
}
