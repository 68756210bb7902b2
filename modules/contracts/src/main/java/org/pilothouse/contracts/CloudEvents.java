package org.pilothouse.contracts;

/**
 * The names of the envelope's attributes in the Kafka binary binding (CloudEvents 1.0, "Kafka
 * Protocol Binding", section 3.2): a header an attribute, {@code ce_} before its name.
 */
public final class CloudEvents {
  public static final String SPECVERSION = "ce_specversion";
  public static final String ID = "ce_id";
  public static final String SOURCE = "ce_source";
  public static final String TYPE = "ce_type";
  public static final String TIME = "ce_time";
  public static final String SUBJECT = "ce_subject";
  public static final String PARTITION_KEY = "ce_partitionkey";
  public static final String DATA_SCHEMA = "ce_dataschema";

  /** The tenant; always from the credential. */
  public static final String PILOT = "ce_pilot";

  /** The event's place in its source's order, where that is known. */
  public static final String SEQUENCE = "ce_sequence";

  /** Set on replayed events and nowhere else. */
  public static final String REPLAY_RUN = "ce_replayrun";

  public static final String CONTENT_TYPE = "content-type";

  public static final String VERSION = "1.0";
  public static final String JSON = "application/json";

  private CloudEvents() {}
}
