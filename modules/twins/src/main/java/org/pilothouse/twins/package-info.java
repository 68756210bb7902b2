/** What is true now, and what was: state, history, graph, thread, commands. */
@AllowedArrows({"kernel", "contracts", "platform", "pilots", "models", "warehouse"})
@NullMarked
package org.pilothouse.twins;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
