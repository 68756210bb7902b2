/** What is in the hold: catalogue, uploads, pointers, retention, lineage. */
@AllowedArrows({"kernel", "contracts", "platform", "pilots"})
@NullMarked
package org.pilothouse.datasets;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
