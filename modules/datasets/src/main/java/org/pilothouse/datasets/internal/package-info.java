/** The inside of the hold: its catalogue, uploads, verification, pointers and sweeps. */
@NullMarked
package org.pilothouse.datasets.internal;

import org.jspecify.annotations.NullMarked;
