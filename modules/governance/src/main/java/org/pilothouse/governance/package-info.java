/** Streams as data products, workload reviews, topic provisioning. */
@AllowedArrows({"kernel", "contracts", "platform", "pilots", "models", "datasets"})
@NullMarked
package org.pilothouse.governance;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
