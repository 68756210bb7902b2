/** The jobs that close a day, and the JBeret environment that runs them inside Open Liberty. */
@AllowedArrows({"kernel", "contracts", "platform", "warehouse"})
@NullMarked
package org.pilothouse.batch;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
