/** Closed days: windows, watermarks, manifests, corrections. */
@AllowedArrows({"kernel", "contracts", "platform", "pilots", "models", "datasets"})
@NullMarked
package org.pilothouse.warehouse;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
