package org.pilothouse.twins.internal;

/** Why one value of a record does not count. */
record Refusal(String code, String sentence) {}
