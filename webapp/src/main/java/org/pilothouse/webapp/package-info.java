/**
 * Composition only: reads the settings, makes each engine's adapter and each room's services, and
 * hands them to one another.
 */
@AllowedArrows({"*"})
@NullMarked
package org.pilothouse.webapp;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
