/** How far long work is, for the person who waits. */
@NullMarked
package org.pilothouse.ctl.progress;

import org.jspecify.annotations.NullMarked;
