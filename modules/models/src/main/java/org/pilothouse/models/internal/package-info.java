/** How models are read, compared, imported and kept; for this room only. */
@NullMarked
package org.pilothouse.models.internal;

import org.jspecify.annotations.NullMarked;
