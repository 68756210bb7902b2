/** A job: run a model over a replayed window, deterministically. */
@AllowedArrows({"kernel", "contracts", "platform", "jobs", "datasets", "replay", "models"})
@NullMarked
package org.pilothouse.simulation;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
