/**
 * The adapter to RabbitMQ: exchanges, quorum queues, confirmed publishing. It knows no business
 * word.
 */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.platform.rabbit;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
