/** Which kinds of twin exist: Thing Models, units, ranges, versions. */
@AllowedArrows({"kernel", "contracts", "platform", "pilots"})
@NullMarked
package org.pilothouse.models;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
