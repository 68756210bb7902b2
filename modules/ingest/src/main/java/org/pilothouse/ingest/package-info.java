/**
 * In: HTTP and MQTT are authenticated, validated and published to the backbone. Keeps no state: it
 * acknowledges after the broker did.
 */
@AllowedArrows({"kernel", "contracts", "platform", "pilots", "models"})
@NullMarked
package org.pilothouse.ingest;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
