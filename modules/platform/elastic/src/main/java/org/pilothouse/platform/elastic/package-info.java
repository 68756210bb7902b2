/** The adapter to Elasticsearch. It knows no business word. */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.platform.elastic;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
