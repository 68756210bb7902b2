package org.pilothouse.warehouse;

import java.time.LocalDate;
import org.pilothouse.kernel.PilotId;

/**
 * A day that is this node's to work on, as long as nobody has claimed it after.
 *
 * @param fence the number of the claim; changes under an older one are refused
 */
public record RunClaim(PilotId pilot, LocalDate date, int revision, long fence) {}
