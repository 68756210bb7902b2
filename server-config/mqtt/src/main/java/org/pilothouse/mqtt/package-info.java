/**
 * The MQTT broker of the installation: HiveMQ Community Edition inside a process of its own. It
 * keeps what devices publish until the bridge of the deployable has put it on the backbone. It asks
 * the deployable who a device is and touches no other engine.
 */
@AllowedArrows({"kernel"})
@NullMarked
package org.pilothouse.mqtt;

import org.jspecify.annotations.NullMarked;
import org.pilothouse.kernel.AllowedArrows;
