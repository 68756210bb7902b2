/**
 * What every REST resource shares: who is calling, problem+json, JSON, paging, metrics. It knows no
 * business word.
 */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.platform.web;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
