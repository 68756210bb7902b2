/** Files to and from object storage, in parts, verified at the end. */
@NullMarked
package org.pilothouse.ctl.transfer;

import org.jspecify.annotations.NullMarked;
