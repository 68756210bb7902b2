/**
 * The simulator behind {@code ./pilothouse demo}: machines with wear, weather and faults, reported
 * through the public API like any device. It knows nothing of the inside.
 */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.demo;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
