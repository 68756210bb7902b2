package org.pilothouse.platform.kafka.fold;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pilothouse.platform.kafka.consume.LogRecord;

/**
 * What a fold makes of records. Called by several threads, by one at a time for one key; what is
 * done beside (rejecting a record) may be done again after a crash.
 */
public interface Folding {
  /**
   * What the key has come to with this record.
   *
   * @param before what it had come to, null for nothing
   * @return null for nothing
   * @throws Exception the fold stands still and begins again from what is committed, after a pause
   */
  byte @Nullable [] fold(LogRecord record, byte @Nullable [] before) throws Exception;

  /**
   * How others hear of it. Asked once for each key that has come to something else since the last
   * commit, and goes out with that commit; it may be asked again for the same.
   */
  Optional<Told> tell(String key, byte[] value);
}
