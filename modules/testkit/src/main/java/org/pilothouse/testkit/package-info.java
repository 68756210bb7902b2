/** Fixtures, fakes and contract tests. Test scope only. */
@AllowedArrows({"kernel", "contracts", "platform"})
@NullMarked
package org.pilothouse.testkit;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
