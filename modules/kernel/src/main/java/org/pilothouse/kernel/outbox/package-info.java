/**
 * The words that the outbox and the adapters that empty it share, so that neither knows the other.
 */
@AllowedArrows({})
@NullMarked
package org.pilothouse.kernel.outbox;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
