/**
 * How ingest works: reading bodies, judging lines, publishing and acknowledging. For this room
 * alone.
 */
@NullMarked
package org.pilothouse.ingest.internal;

import org.jspecify.annotations.NullMarked;
