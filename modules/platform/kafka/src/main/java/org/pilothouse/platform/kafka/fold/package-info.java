/**
 * Folds of the backbone by key: Kafka Streams keeps what a key's records come to in a store of its
 * own, tells of it, and lets every node look it up. Business modules give the fold; topics, tasks,
 * transactions, stores and their bounds stay here.
 */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.platform.kafka.fold;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
