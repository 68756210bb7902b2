/**
 * The adapter to the MQTT broker: sessions that outlive a connection, taking with manual
 * acknowledgement, bounded publishing. It knows no business word.
 */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.platform.mqtt;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
