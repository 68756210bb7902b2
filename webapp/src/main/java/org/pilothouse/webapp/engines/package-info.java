/**
 * How the engines are: asked at intervals, shown to people, told to the health endpoints and the
 * metrics.
 */
@NullMarked
package org.pilothouse.webapp.engines;

import org.jspecify.annotations.NullMarked;
