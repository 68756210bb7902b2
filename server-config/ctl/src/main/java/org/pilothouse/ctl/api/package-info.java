/**
 * The platform's REST API as a Java client: signing in, JSON calls, telemetry, live events. The
 * command line, the simulator and the benchmarks use it; it knows nothing that any other client
 * could not know.
 */
@NullMarked
package org.pilothouse.ctl.api;

import org.jspecify.annotations.NullMarked;
