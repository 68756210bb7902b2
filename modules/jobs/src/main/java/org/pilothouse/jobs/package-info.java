/** Work to be done: submit, lease, progress, retry, result; the worker runtime. */
@AllowedArrows({"kernel", "contracts", "platform", "pilots"})
@NullMarked
package org.pilothouse.jobs;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
