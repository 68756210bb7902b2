/** Who: pilots, people, roles, device credentials and the audit trail. */
@AllowedArrows({"kernel", "contracts", "platform"})
@NullMarked
package org.pilothouse.pilots;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
