package org.pilothouse.datasets;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where a dataset is in its life. */
public enum DatasetState {
  /** Its parts come in. */
  UPLOADING,
  /** Its bytes are read back. */
  VERIFYING,
  /** Its bytes are verified and its pointer is out. */
  AVAILABLE,
  /** Its bytes are not what was declared; it never had a pointer. */
  QUARANTINED,
  /** Its retention is over; its bytes go after the grace time. */
  EXPIRED,
  /** It is withdrawn; its bytes go after the grace time. */
  DELETING,
  /** Its bytes are gone. */
  DELETED;

  /** As it stands in the API and in the store. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<DatasetState> of(String word) {
    return Arrays.stream(values()).filter(state -> state.word().equals(word)).findFirst();
  }
}
