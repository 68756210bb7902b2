/**
 * Reading the backbone: readers that share partitions through a group and apply each record at
 * least once, the tail that shows what arrives, and what was rejected on the way. Business modules
 * give the effects; offsets, order, retries and rebalances stay here.
 */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.platform.kafka.consume;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
