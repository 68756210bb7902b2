/**
 * The adapter to the event backbone: topics, producers and the consumer runtime. It knows no
 * business word.
 */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.platform.kafka;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
