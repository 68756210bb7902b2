/**
 * One class a server of the local stack: prepares its files and says how it is started, probed and
 * stopped.
 */
@NullMarked
package org.pilothouse.local.engine;

import org.jspecify.annotations.NullMarked;
