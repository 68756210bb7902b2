/** Stored data back onto the backbone, on purpose and under control. */
@AllowedArrows({"kernel", "contracts", "platform", "pilots", "datasets"})
@NullMarked
package org.pilothouse.replay;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
