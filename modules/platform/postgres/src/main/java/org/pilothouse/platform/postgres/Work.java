package org.pilothouse.platform.postgres;

import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * What is done in one transaction. It may be run again after a deadlock, so it must not touch
 * anything outside; {@link Handle#afterCommit} is the place for that.
 */
@FunctionalInterface
public interface Work<T extends @Nullable Object> {
  T run(Handle transaction);
}
