/** Field search: projections and the query API. */
@AllowedArrows({"kernel", "contracts", "platform", "pilots", "models"})
@NullMarked
package org.pilothouse.search;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
