/** How people, devices and the trail are kept; for this room only. */
@NullMarked
package org.pilothouse.pilots.internal;

import org.jspecify.annotations.NullMarked;
