/**
 * The close rule, the plan of a run, its files and its rows; nobody outside the room comes here but
 * its resources.
 */
@NullMarked
package org.pilothouse.warehouse.internal;

import org.jspecify.annotations.NullMarked;
