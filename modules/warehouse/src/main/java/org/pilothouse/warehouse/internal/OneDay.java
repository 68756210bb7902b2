package org.pilothouse.warehouse.internal;

import java.time.LocalDate;
import org.pilothouse.kernel.PilotId;

/** The only day that somebody carries out. */
record OneDay(PilotId pilot, LocalDate date) {}
