/**
 * Each hot path beside its physical limit, in one run on one machine; and what is left of the
 * acknowledged events when a process is killed. They drive a running stack from outside, over the
 * public surface, and read the backbone to see what is there.
 */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.benchmarks;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
