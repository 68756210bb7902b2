package org.pilothouse.warehouse.internal;

/**
 * Offsets that should have been read and that the backbone no longer had.
 *
 * @param to the first after them
 */
public record Missing(int partition, long from, long to) {}
