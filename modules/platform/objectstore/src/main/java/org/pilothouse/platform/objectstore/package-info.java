/** The adapter to S3. It knows no business word. */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.platform.objectstore;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
