/** Ids, time, outcomes and problem codes. Everything may use it; it uses nothing of the house. */
@AllowedArrows({})
@NullMarked
package org.pilothouse.kernel;

import org.jspecify.annotations.NullMarked;
