/**
 * {@code ctl}: the platform's own command line over the REST API. It runs on a person's machine and
 * touches the platform nowhere else.
 */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.ctl;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
