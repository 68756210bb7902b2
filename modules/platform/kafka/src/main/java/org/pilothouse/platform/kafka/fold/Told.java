package org.pilothouse.platform.kafka.fold;

import org.pilothouse.platform.kafka.EventHeaders;

/** An event that tells of what a key has come to. */
public record Told(String topic, byte[] key, byte[] value, EventHeaders headers) {}
