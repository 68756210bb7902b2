/**
 * The first rows and the columns of a file, read by range and within bounds whatever its bytes
 * claim. Nothing here knows where the bytes are kept or who asks.
 */
@NullMarked
package org.pilothouse.datasets.internal.preview;

import org.jspecify.annotations.NullMarked;
