/**
 * The adapter to PostgreSQL: the pool, migrations, the tenant's row-level security and the
 * transactional outbox. It knows no business word.
 */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.platform.postgres;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
